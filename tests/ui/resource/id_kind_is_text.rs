use rest_standard::prelude::*;

#[resource(collection = "devices", id = "Slug")]
pub struct Device {
    pub owner: String,
}

fn main() {}
