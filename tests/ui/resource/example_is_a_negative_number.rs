use rest_standard::prelude::*;

#[resource(collection = "devices", id = Integer, example = -1)]
pub struct Device {
    pub owner: String,
}

fn main() {}
