use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(filter, order)]
    pub owner: String,
}

fn main() {}
