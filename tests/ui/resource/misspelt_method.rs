use rest_standard::prelude::*;

#[resource(collection = "devices", without(delet))]
pub struct Device {
    pub owner: String,
}

fn main() {}
