use rest_standard::prelude::*;

#[resource(collection = "devices", import, without(create))]
pub struct Device {
    pub owner: String,
}

fn main() {}
