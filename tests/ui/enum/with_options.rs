use rest_standard::prelude::*;

#[resource_enum(rename = "mode")]
pub enum Mode {
    Off,
}

fn main() {}
