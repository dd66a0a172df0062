use rest_standard::prelude::*;

#[resource_enum]
#[derive(Default)]
pub enum Mode {
    #[default]
    Off,
    On,
}

fn main() {}
