use rest_standard::prelude::*;

#[resource_value]
pub struct Step {
    #[field(unique)]
    pub to: String,
}

fn main() {}
