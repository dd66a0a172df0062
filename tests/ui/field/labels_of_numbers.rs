use std::collections::BTreeMap;

use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    pub labels: BTreeMap<String, i64>,
}

fn main() {}
