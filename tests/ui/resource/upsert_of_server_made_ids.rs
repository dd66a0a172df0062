use rest_standard::prelude::*;

#[resource(collection = "devices", id = Integer, upsert)]
pub struct Device {
    pub owner: String,
}

fn main() {}
