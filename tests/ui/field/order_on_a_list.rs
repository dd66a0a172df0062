use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(order)]
    pub tags: Vec<String>,
}

fn main() {}
