use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    pub place: &'static str,
}

fn main() {}
