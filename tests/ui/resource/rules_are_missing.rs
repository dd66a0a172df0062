use rest_standard::prelude::*;

#[resource(collection = "devices", rules)]
pub struct Device {
    pub owner: String,
}

fn main() {}
