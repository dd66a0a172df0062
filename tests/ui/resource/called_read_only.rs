use rest_standard::prelude::*;

#[resource(collection = "devices", read_only)]
pub struct Device {
    pub owner: String,
}

fn main() {}
