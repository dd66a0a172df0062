use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(pattern = "a[a-z]*")]
    pub owner: String,
}

fn main() {}
