use rest_standard::prelude::*;

#[resource(collection = "msgs")]
pub struct Message {
    pub text: String,
}

fn main() {}
