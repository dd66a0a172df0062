use rest_standard::prelude::*;

#[resource(collection = "devices", upsert, without(delete))]
pub struct Device {
    pub owner: String,
}

fn main() {}
