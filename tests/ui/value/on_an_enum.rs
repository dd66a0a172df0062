use rest_standard::prelude::*;

#[resource_value]
pub enum Step {
    Off,
}

fn main() {}
