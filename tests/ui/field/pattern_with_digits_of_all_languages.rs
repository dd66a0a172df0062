use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(pattern = r"HA-\d{4}")]
    pub serial_number: String,
}

fn main() {}
