use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(rename = "links")]
    pub references: Vec<String>,
}

fn main() {}
