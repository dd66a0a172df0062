use rest_standard::prelude::*;

#[resource(collection = "device-types")]
pub struct DeviceType {
    pub owner: String,
}

#[resource(collection = "devices")]
pub struct Device {
    pub device_type: DeviceType,
}

fn main() {}
