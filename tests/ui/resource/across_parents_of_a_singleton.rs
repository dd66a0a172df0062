use rest_standard::prelude::*;

#[resource(collection = "device-types")]
pub struct DeviceType {
    pub owner: String,
}

#[resource(singleton = "state", parent = DeviceType, across_parents)]
pub struct Device {
    pub owner: String,
}

fn main() {}
