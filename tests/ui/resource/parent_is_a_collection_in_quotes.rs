use rest_standard::prelude::*;

#[resource(collection = "devices", parent = "device_types")]
pub struct Device {
    pub owner: String,
}

fn main() {}
