use rest_standard::prelude::*;

#[resource(collection = "address")]
pub struct Address {
    pub street: String,
}

fn main() {}
