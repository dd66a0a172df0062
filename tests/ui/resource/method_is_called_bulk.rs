use rest_standard::prelude::*;

#[resource(collection = "devices", without(bulk))]
pub struct Device {
    pub owner: String,
}

fn main() {}
