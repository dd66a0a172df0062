use rest_standard::prelude::*;

#[resource(collection = "devices", example = "front-door")]
pub struct Device {
    pub owner: String,
}

fn main() {}
