use rest_standard::prelude::*;

#[resource(collection = "devices", changes = true)]
pub struct Device {
    pub owner: String,
}

fn main() {}
