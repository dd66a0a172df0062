use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(rename = "serialNumber")]
    pub serial: String,
}

fn main() {}
