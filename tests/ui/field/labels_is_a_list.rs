use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    pub labels: Vec<String>,
}

fn main() {}
