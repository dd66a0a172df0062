use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(pattern = "HA.*")]
    pub serial_number: String,
}

fn main() {}
