use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(email)]
    pub owner: String,
}

fn main() {}
