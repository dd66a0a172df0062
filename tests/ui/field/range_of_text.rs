use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(range = "0".."9")]
    pub volume: i64,
}

fn main() {}
