use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(minimum = 0)]
    pub volume: i64,
}

fn main() {}
