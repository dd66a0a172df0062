use rest_standard::prelude::*;

#[resource_value]
pub struct Step {
    #[field(order)]
    pub to: String,
}

fn main() {}
