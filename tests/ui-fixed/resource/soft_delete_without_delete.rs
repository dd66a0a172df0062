use rest_standard::prelude::*;

#[resource(collection = "devices", soft_delete = "30d")]
pub struct Device {
    pub owner: String,
}

fn main() {}
