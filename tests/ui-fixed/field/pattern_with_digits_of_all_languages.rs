use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(pattern = "HA-[0-9]{4}")]
    pub serial_number: String,
}

fn main() {}
