use rest_standard::prelude::*;

#[resource(colection = "devices")]
pub struct Device {
    pub owner: String,
}

fn main() {}
