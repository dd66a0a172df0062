use rest_standard::prelude::*;

#[resource_value]
pub struct Address {
    #[field(column = "Street")]
    pub street: String,
}

fn main() {}
