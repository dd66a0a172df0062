use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(length = 1..=10)]
    pub owner: String,
}

fn main() {}
