use rest_standard::prelude::*;

const ON: isize = 1;

#[resource_enum]
pub enum Mode {
    Off = 0,
    On = ON,
}

fn main() {}
