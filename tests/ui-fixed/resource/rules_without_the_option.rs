use rest_standard::prelude::*;

#[resource(collection = "devices", rules)]
pub struct Device {
    pub owner: String,
}

impl Rules for Device {}

fn main() {}
