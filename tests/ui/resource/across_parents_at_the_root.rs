use rest_standard::prelude::*;

#[resource(collection = "devices", across_parents)]
pub struct Device {
    pub owner: String,
}

fn main() {}
