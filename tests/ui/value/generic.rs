use rest_standard::prelude::*;

#[resource_value]
pub struct Step<T> {
    pub to: T,
}

fn main() {}
