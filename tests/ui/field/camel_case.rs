use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[allow(non_snake_case)]
    pub serialNumber: String,
}

fn main() {}
