use rest_standard::prelude::*;

#[resource(collection = "devices", id = slug)]
pub struct Device {
    pub owner: String,
}

fn main() {}
