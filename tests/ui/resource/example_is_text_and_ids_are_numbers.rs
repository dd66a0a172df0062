use rest_standard::prelude::*;

#[resource(collection = "orders", id = Integer, example = "1234")]
pub struct Order {
    pub owner: String,
}

fn main() {}
