use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(length = 10..=2)]
    pub owner: String,
}

fn main() {}
