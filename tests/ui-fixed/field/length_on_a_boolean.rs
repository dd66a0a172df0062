use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    pub enabled: bool,
}

fn main() {}
