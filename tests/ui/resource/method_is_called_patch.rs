use rest_standard::prelude::*;

#[resource(collection = "devices", without(patch))]
pub struct Device {
    pub owner: String,
}

fn main() {}
