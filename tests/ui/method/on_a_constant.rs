use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    pub owner: String,
}

#[custom_methods]
impl Device {
    #[custom_method]
    const LIMIT: u8 = 3;
}

fn main() {}
