use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    pub place: u64,
}

fn main() {}
