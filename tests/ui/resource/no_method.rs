use rest_standard::prelude::*;

#[resource(collection = "devices", methods())]
pub struct Device {
    pub owner: String,
}

fn main() {}
