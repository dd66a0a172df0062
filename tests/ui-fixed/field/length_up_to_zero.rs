use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(length = ..=8)]
    pub aliases: Vec<String>,
}

fn main() {}
