use rest_standard::prelude::*;

#[resource(collection = "devices", parent = Missing)]
pub struct Device {
    pub owner: String,
}

fn main() {}
