use rest_standard::prelude::*;

#[resource(collection = "device-category")]
pub struct DeviceCategory {
    pub owner: String,
}

fn main() {}
