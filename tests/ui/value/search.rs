use rest_standard::prelude::*;

#[resource_value]
pub struct Step {
    #[field(search)]
    pub to: String,
}

fn main() {}
