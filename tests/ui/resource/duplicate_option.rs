use rest_standard::prelude::*;

#[resource(collection = "devices", changes, collection = "gadgets")]
pub struct Device {
    pub owner: String,
}

fn main() {}
