use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    pub tags: Vec<String>,
}

fn main() {}
