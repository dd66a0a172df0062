use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field("ownerName")]
    pub owner: String,
}

fn main() {}
