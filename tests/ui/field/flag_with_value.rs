use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(unique = yes)]
    pub owner: String,
}

fn main() {}
