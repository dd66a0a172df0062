use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(filterable)]
    pub owner: String,
}

fn main() {}
