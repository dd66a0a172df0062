use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(range = -5..=5)]
    pub volume: i64,
}

fn main() {}
