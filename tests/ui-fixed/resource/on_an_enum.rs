use rest_standard::prelude::*;

#[resource_enum]
pub enum Device {
    Alarm,
}

fn main() {}
