use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    pub time_zone: String,
}

fn main() {}
