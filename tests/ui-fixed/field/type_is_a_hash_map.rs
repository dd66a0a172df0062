use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    pub place: std::collections::BTreeMap<String, String>,
}

fn main() {}
