use rest_standard::prelude::*;

#[resource(collection = "shrimp", singular = "Shrimp")]
pub struct Thing {
    pub owner: Option<String>,
}

fn main() {}
