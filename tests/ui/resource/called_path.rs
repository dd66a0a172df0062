use rest_standard::prelude::*;

#[resource(path = "devices")]
pub struct Device {
    pub owner: String,
}

fn main() {}
