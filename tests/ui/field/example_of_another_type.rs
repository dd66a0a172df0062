use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(example = "loud")]
    pub volume: i64,
}

fn main() {}
