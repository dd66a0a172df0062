use rest_standard::prelude::*;

#[resource_value]
pub struct Step;

fn main() {}
