use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device;

fn main() {}
