use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device<'a> {
    pub owner: &'a str,
}

fn main() {}
