use rest_standard::prelude::*;

#[resource(collection = "devices", without(delete, delete))]
pub struct Device {
    pub owner: String,
}

fn main() {}
