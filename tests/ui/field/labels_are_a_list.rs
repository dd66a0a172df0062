use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    pub owner: String,
    pub labels: Vec<String>,
}

fn main() {}
