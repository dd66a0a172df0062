use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    pub owner: String,
    pub region_code: Vec<String>,
}

fn main() {}
