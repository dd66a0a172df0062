use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(length = ..=3, example = "none")]
    pub owner: String,
}

fn main() {}
