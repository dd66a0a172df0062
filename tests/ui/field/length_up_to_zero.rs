use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(length = ..=0)]
    pub tags: Vec<String>,
}

fn main() {}
