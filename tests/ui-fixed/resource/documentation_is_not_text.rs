use rest_standard::prelude::*;

/// A device.
#[resource(collection = "devices")]
pub struct Device {
    pub owner: String,
}

fn main() {}
