use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(length = ..=64)]
    pub owner: String,
}

fn main() {}
