use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(skip)]
    pub owner: String,
}

fn main() {}
