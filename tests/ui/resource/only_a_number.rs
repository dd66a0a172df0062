use rest_standard::prelude::*;

#[resource(7)]
pub struct Device {
    pub owner: String,
}

fn main() {}
