use rest_standard::prelude::*;

#[resource(collection)]
pub struct Device {
    pub owner: String,
}

fn main() {}
