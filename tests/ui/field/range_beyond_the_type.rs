use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(range = 1..=70000)]
    pub port: u16,
}

fn main() {}
