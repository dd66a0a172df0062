use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(range = 0.0..=1.5)]
    pub share: f64,
}

fn main() {}
