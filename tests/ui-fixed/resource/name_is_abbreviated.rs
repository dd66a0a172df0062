use rest_standard::prelude::*;

#[resource(collection = "messages")]
pub struct Message {
    pub text: String,
}

fn main() {}
