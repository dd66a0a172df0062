use rest_standard::prelude::*;

#[resource(collection = "devices", parent = "DeviceType")]
pub struct Device {
    pub owner: String,
}

fn main() {}
