use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(filter, order, filter)]
    pub owner: String,
}

fn main() {}
