use rest_standard::prelude::*;

#[resource(collection = "amendments")]
pub struct Change {
    pub text: String,
}

fn main() {}
