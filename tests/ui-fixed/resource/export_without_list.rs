use rest_standard::prelude::*;

#[resource(collection = "devices", export, without(create))]
pub struct Device {
    pub owner: String,
}

fn main() {}
