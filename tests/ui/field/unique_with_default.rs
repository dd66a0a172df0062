use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(unique, default = "none")]
    pub owner: String,
}

fn main() {}
