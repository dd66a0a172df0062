use rest_standard::prelude::*;

#[resource_enum]
pub enum Mode {
    Off = 1,
    On = 2,
}

fn main() {}
