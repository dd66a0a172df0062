use rest_standard::prelude::*;

#[resource(collection = "plains")]
pub struct Plain {
    pub owner: String,
}

#[resource(collection = "devices", parent = Plain)]
pub struct Device {
    pub owner: String,
}

fn main() {}
