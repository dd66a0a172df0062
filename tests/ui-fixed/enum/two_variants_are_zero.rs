use rest_standard::prelude::*;

#[resource_enum]
pub enum Mode {
    Off = 0,
    Silent = 1,
}

fn main() {}
