use rest_standard::prelude::*;

pub struct Plain;

#[resource(collection = "devices", parent = Plain)]
pub struct Device {
    pub owner: String,
}

fn main() {}
