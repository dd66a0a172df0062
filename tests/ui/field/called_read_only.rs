use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(read_only)]
    pub owner: String,
}

fn main() {}
