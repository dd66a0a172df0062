use rest_standard::prelude::*;

#[resource(collection = "devices", methods(list, fetch))]
pub struct Device {
    pub owner: String,
}

fn main() {}
