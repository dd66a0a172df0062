use rest_standard::prelude::*;

#[resource_enum]
#[allow(non_camel_case_types)]
pub enum Mode {
    Off,
    turn_on,
}

fn main() {}
