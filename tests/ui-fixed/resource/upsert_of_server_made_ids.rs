use rest_standard::prelude::*;

#[resource(collection = "devices", id = Slug, upsert)]
pub struct Device {
    pub owner: String,
}

fn main() {}
