use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(range = 0..=10)]
    pub owner: String,
}

fn main() {}
