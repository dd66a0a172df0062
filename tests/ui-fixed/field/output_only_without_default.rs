use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(output_only, default = 0)]
    pub count: u32,
}

fn main() {}
