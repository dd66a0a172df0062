use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(default = "nobody")]
    pub owner: String,
}

fn main() {}
