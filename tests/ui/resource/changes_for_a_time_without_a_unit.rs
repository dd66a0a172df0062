use rest_standard::prelude::*;

#[resource(collection = "devices", changes = "90")]
pub struct Device {
    pub owner: String,
}

fn main() {}
