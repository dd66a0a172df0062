use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(default = ["jaykmr"])]
    pub owner: String,
}

fn main() {}
