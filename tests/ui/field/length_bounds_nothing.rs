use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(length = ..)]
    pub owner: String,
}

fn main() {}
