use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(length = ..=1, default = ["a", "b"])]
    pub owners: Vec<String>,
}

fn main() {}
