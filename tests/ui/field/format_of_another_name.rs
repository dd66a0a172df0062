use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(format = url)]
    pub owner: String,
}

fn main() {}
