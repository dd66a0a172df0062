use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(unique)]
    pub owner: String,
}

fn main() {}
