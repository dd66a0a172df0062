use rest_standard::prelude::*;

#[resource(collection = "devices", id = Uuid)]
pub struct Device {
    pub owner: String,
}

fn main() {}
