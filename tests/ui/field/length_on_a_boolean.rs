use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(length = 1..=5)]
    pub enabled: bool,
}

fn main() {}
