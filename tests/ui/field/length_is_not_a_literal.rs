use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(length = 1..=MOST)]
    pub owner: String,
}

fn main() {}
