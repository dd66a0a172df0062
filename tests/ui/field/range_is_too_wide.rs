use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(range = 0..=99999999999999999999)]
    pub volume: i64,
}

fn main() {}
