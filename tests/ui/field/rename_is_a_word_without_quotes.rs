use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(rename = ownerName)]
    pub owner: String,
}

fn main() {}
