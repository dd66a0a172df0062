use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(filter)]
    pub owner: String,
}

fn main() {}
