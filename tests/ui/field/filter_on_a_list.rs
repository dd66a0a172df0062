use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(filter)]
    pub tags: Vec<String>,
}

fn main() {}
