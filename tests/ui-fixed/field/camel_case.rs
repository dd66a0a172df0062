use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    pub serial_number: String,
}

fn main() {}
