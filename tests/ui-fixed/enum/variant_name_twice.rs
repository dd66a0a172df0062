use rest_standard::prelude::*;

#[resource_enum]
pub enum Mode {
    Off,
    On,
    Ringing,
}

fn main() {}
