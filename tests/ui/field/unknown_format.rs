use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(format = mail)]
    pub owner: String,
}

fn main() {}
