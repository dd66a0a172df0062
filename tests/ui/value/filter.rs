use rest_standard::prelude::*;

#[resource_value]
pub struct Step {
    #[field(filter)]
    pub to: String,
}

fn main() {}
