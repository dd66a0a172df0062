use rest_standard::prelude::*;

#[resource(collection = 5)]
pub struct Device {
    pub owner: String,
}

fn main() {}
