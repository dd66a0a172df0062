use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    pub title: String,
    #[field(rename = "heading")]
    pub heading: String,
}

fn main() {}
