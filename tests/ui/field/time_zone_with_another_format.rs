use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(format = hostname)]
    pub time_zone: String,
}

fn main() {}
