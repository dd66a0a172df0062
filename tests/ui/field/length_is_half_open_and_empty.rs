use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(length = 3..3)]
    pub owner: String,
}

fn main() {}
