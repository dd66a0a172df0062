use rest_standard::prelude::*;

#[resource(collection = "devices", id = uuid)]
pub struct Device {
    pub owner: String,
}

fn main() {}
