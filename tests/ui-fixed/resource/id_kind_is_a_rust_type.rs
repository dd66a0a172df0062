use rest_standard::prelude::*;

#[resource(collection = "devices", id = Integer)]
pub struct Device {
    pub owner: String,
}

fn main() {}
