use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(length = ..=8)]
    pub tags: Vec<String>,
}

fn main() {}
