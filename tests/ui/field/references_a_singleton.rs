use rest_standard::prelude::*;

#[resource(singleton = "hall")]
pub struct Hall {
    pub name: Option<String>,
}

#[resource(collection = "devices")]
pub struct Device {
    #[field(references = Hall)]
    pub site: String,
}

fn main() {}
