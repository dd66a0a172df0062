//! What a list can be filtered by: single values, and lists, maps and structs of them, to any depth.

use std::collections::BTreeMap;

use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(filter)]
    pub tags: Vec<String>,
    #[field(filter)]
    pub numbers: Option<Vec<Option<i64>>>,
    #[field(filter)]
    pub labels: BTreeMap<String, String>,
    #[field(filter)]
    pub modes: BTreeMap<String, Vec<Mode>>,
    #[field(filter)]
    pub address: Address,
    #[field(filter)]
    pub addresses: Option<Vec<Address>>,
    #[field(filter, order)]
    pub mode: Option<Mode>,
}

#[resource_value]
pub struct Address {
    pub street: String,
    pub mode: Mode,
}

#[resource_enum]
pub enum Mode {
    Off = 0,
    On = 1,
}

pub fn main() {
    assert!(Device::DESCRIPTOR.fields.iter().all(|field| field.filter));
}
