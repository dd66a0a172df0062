use rest_standard::prelude::*;

#[resource(collection = "devices", upsert = true)]
pub struct Device {
    pub owner: String,
}

fn main() {}
