//! Values in values, lists of lists, maps of lists of values, and a value that contains itself through a list.

use std::collections::BTreeMap;

use rest_standard::prelude::*;

#[resource(collection = "plans")]
pub struct Plan {
    pub root: Node,
    pub grid: Vec<Vec<f64>>,
    pub named: BTreeMap<String, Vec<Option<Node>>>,
    pub maybe: Option<Vec<BTreeMap<String, Mode>>>,
    pub bytes: Vec<Bytes>,
    pub days: BTreeMap<String, Date>,
}

#[resource_value]
pub struct Node {
    #[field(length = 1.., example = "root")]
    pub name: String,
    pub mode: Mode,
    pub children: Vec<Leaf>,
}

#[resource_value]
pub struct Leaf {
    #[field(input_only)]
    pub secret: Option<String>,
    #[field(range = ..=9, default = 3)]
    pub weight: u8,
}

#[resource_enum]
pub enum Mode {
    Off,
}

pub fn main() {
    assert_eq!(Node::DESCRIPTOR.fields[2].name, "children");
    assert!(Plan::DESCRIPTOR.fields[3].nullable);
}
