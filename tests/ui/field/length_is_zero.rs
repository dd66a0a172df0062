use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(length = 0)]
    pub owner: String,
}

fn main() {}
