use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(range = 0..=10, example = 11)]
    pub volume: i64,
}

fn main() {}
