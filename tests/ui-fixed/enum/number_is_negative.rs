use rest_standard::prelude::*;

#[resource_enum]
pub enum Mode {
    Off = 0,
    Broken = 1,
}

fn main() {}
