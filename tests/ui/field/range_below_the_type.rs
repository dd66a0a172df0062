use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(range = -5..=5, default = 1)]
    pub level: Option<u32>,
}

fn main() {}
