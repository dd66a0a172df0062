use rest_standard::prelude::*;

#[resource(collection = "/api/v1/devices")]
pub struct Device {
    pub owner: String,
}

fn main() {}
