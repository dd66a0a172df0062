use rest_standard::prelude::*;

#[resource(collection = "device-types")]
pub enum DeviceType {
    Alarm,
}

#[resource(collection = "devices", parent = DeviceType)]
pub struct Device {
    pub owner: String,
}

fn main() {}
