use rest_standard::prelude::*;

#[resource_value(collection = "steps")]
pub struct Step {
    pub to: String,
}

fn main() {}
