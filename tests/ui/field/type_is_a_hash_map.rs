use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    pub place: std::collections::HashMap<String, String>,
}

fn main() {}
