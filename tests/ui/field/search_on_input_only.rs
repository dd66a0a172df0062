use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(input_only, search)]
    pub secret: String,
}

fn main() {}
