use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device<'a> {
    pub owner: String,
}

fn main() {}
