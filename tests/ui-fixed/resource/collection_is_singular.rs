use rest_standard::prelude::*;

#[resource(collection = "device-categories")]
pub struct DeviceCategory {
    pub owner: String,
}

fn main() {}
