use rest_standard::prelude::*;

#[resource(collection = "device-types/{id}/devices")]
pub struct Device {
    pub owner: String,
}

fn main() {}
