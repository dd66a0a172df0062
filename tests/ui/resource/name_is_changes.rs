use rest_standard::prelude::*;

#[resource(collection = "changes")]
pub struct Change {
    pub text: String,
}

fn main() {}
