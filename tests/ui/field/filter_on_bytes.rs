use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(filter)]
    pub picture: Bytes,
}

fn main() {}
