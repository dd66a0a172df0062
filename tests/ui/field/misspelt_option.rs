use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(imutable)]
    pub owner: String,
}

fn main() {}
