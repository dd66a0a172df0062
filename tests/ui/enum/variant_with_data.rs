use rest_standard::prelude::*;

#[resource_enum]
pub enum Mode {
    Off,
    Ring(u8),
}

fn main() {}
