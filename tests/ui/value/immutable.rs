use rest_standard::prelude::*;

#[resource_value]
pub struct Step {
    #[field(immutable)]
    pub to: String,
}

fn main() {}
