use rest_standard::prelude::*;

#[resource(collection = "devices", id = i64)]
pub struct Device {
    pub owner: String,
}

fn main() {}
