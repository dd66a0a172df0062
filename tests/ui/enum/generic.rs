use rest_standard::prelude::*;

#[resource_enum]
pub enum Mode<const N: usize> {
    Off,
    On,
}

fn main() {}
