use rest_standard::prelude::*;

#[resource_enum]
pub enum Mode {
    Off = 0,
    On = 2,
    Silent = 1,
    Ring,
}

fn main() {}
