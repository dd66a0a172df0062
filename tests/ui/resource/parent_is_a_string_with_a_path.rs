use rest_standard::prelude::*;

#[resource(collection = "devices", parent = "crate::DeviceType")]
pub struct Device {
    pub owner: String,
}

fn main() {}
