use rest_standard::prelude::*;

#[resource(collection = "devices", changes)]
pub struct Device {
    pub owner: String,
}

fn main() {}
