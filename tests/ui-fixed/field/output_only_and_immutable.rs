use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(output_only)]
    pub count: Option<u32>,
}

fn main() {}
