use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    pub place: f32,
}

fn main() {}
