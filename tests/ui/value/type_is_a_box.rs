use rest_standard::prelude::*;

#[resource_value]
pub struct Step {
    pub to: String,
    pub next: Option<Box<Step>>,
}

fn main() {}
