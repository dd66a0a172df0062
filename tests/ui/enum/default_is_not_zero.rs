use rest_standard::prelude::*;

#[resource_enum]
#[derive(Default)]
pub enum Mode {
    Off,
    #[default]
    On,
}

fn main() {}
