use rest_standard::prelude::*;

#[resource_enum]
pub struct Mode {
    pub off: bool,
}

fn main() {}
