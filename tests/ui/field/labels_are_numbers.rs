use std::collections::BTreeMap;

use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    pub owner: String,
    pub labels: BTreeMap<String, i32>,
}

fn main() {}
