use rest_standard::prelude::*;

#[resource_value]
pub struct Step {
    pub after: std::time::Duration,
}

fn main() {}
