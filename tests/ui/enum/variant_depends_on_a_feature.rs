use rest_standard::prelude::*;

#[resource_enum]
pub enum Mode {
    Off,
    #[cfg(unix)]
    On,
}

fn main() {}
