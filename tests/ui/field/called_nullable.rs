use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(nullable)]
    pub owner: String,
}

fn main() {}
