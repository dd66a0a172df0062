use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(required)]
    pub owner: String,
}

fn main() {}
