use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(mandatory)]
    pub owner: String,
}

fn main() {}
