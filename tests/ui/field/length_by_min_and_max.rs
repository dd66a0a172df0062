use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(length(min = 1, max = 64))]
    pub owner: String,
}

fn main() {}
