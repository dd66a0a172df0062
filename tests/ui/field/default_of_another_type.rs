use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(default = 5)]
    pub owner: String,
}

fn main() {}
