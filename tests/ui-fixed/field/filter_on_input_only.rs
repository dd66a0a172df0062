use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(input_only)]
    pub secret: String,
}

fn main() {}
