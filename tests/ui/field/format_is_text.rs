use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(format = "email")]
    pub owner: String,
}

fn main() {}
