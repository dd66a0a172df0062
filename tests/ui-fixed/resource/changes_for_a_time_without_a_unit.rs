use rest_standard::prelude::*;

#[resource(collection = "devices", changes = "90d")]
pub struct Device {
    pub owner: String,
}

fn main() {}
