use rest_standard::prelude::*;

#[resource_enum]
pub enum Mode {}

fn main() {}
