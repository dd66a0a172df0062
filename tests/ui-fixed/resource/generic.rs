use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    pub inner: String,
}

fn main() {}
