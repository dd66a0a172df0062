use rest_standard::prelude::*;

#[resource_value]
pub struct Step {
    pub to: String,
}

fn main() {}
