use rest_standard::prelude::*;

#[resource_value]
pub struct Step {
    #[field(required)]
    pub to: String,
}

fn main() {}
