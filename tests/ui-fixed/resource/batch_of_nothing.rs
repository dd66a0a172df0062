use rest_standard::prelude::*;

#[resource(collection = "devices", methods(list, read, batch))]
pub struct Device {
    pub owner: String,
}

fn main() {}
