use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    owner: String,
}

fn main() {}
