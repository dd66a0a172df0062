use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(output_only)]
    pub owner: Option<String>,
}

fn main() {}
