use rest_standard::prelude::*;

#[resource(collection = "docs")]
pub struct Document {
    pub text: String,
}

fn main() {}
