use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(search)]
    pub volume: i64,
}

fn main() {}
