use rest_standard::prelude::*;

#[resource_value]
pub struct Step {
    #[field(output_only)]
    pub to: String,
}

fn main() {}
