use rest_standard::prelude::*;

#[resource(collection = "devices", methods(list, get))]
pub struct Device {
    pub owner: String,
}

fn main() {}
