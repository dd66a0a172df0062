use rest_standard::prelude::*;

#[resource(collection = "devices", upsert, without(update))]
pub struct Device {
    pub owner: String,
}

fn main() {}
