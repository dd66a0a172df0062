use rest_standard::prelude::*;

#[resource("devices")]
pub struct Device {
    pub owner: String,
}

fn main() {}
