use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(input_only, filter)]
    pub secret: String,
}

fn main() {}
