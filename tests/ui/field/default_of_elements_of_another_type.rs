use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(default = [1, 2])]
    pub owners: Vec<String>,
}

fn main() {}
