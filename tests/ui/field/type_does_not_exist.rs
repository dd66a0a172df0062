use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    pub stream: Strng,
}

fn main() {}
