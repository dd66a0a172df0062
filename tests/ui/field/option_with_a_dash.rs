use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(output-only)]
    pub owner: Option<String>,
}

fn main() {}
