use rest_standard::prelude::*;

#[custom_methods]
pub struct Device {
    pub owner: String,
}

fn main() {}
