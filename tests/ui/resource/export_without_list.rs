use rest_standard::prelude::*;

#[resource(collection = "devices", export, without(list))]
pub struct Device {
    pub owner: String,
}

fn main() {}
