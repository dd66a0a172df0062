use rest_standard::prelude::*;

#[resource(collection = "My Devices")]
pub struct Device {
    pub owner: String,
}

fn main() {}
