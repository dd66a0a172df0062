use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    pub place: Box<String>,
}

fn main() {}
