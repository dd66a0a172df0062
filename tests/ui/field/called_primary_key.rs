use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(primary_key)]
    pub code: String,
}

fn main() {}
