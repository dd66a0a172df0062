use rest_standard::prelude::*;

#[resource(name = "Device", collection = "devices")]
pub struct Device {
    pub owner: String,
}

fn main() {}
