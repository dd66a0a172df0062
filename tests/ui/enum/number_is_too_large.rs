use rest_standard::prelude::*;

#[resource_enum]
pub enum Mode {
    Off = 0,
    Broken = 40_000,
}

fn main() {}
