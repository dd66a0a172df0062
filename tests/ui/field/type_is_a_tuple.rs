use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    pub place: (f64, f64),
}

fn main() {}
