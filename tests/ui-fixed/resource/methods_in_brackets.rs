use rest_standard::prelude::*;

#[resource(collection = "devices", methods(list, read))]
pub struct Device {
    pub owner: String,
}

fn main() {}
