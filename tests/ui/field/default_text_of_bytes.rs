use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(default = "AAAA")]
    pub key: Bytes,
}

fn main() {}
