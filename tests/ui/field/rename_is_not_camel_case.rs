use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(rename = "serial_number")]
    pub serial: String,
}

fn main() {}
