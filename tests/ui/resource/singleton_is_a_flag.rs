use rest_standard::prelude::*;

#[resource(singleton)]
pub struct Device {
    pub owner: String,
}

fn main() {}
