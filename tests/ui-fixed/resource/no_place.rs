use rest_standard::prelude::*;

#[resource(collection = "device-types", changes)]
pub struct DeviceType {
    pub owner: String,
}

fn main() {}
