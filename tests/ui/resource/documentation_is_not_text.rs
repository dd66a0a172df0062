use rest_standard::prelude::*;

#[resource(collection = "devices")]
#[doc = concat!("A ", "device.")]
pub struct Device {
    pub owner: String,
}

fn main() {}
