use rest_standard::prelude::*;

#[resource(collection = "deviceTypes")]
pub struct DeviceType {
    pub owner: String,
}

fn main() {}
