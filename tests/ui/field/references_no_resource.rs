use rest_standard::prelude::*;

pub struct Colour;

#[resource(collection = "devices")]
pub struct Device {
    #[field(references = Colour)]
    pub site: String,
}

fn main() {}
