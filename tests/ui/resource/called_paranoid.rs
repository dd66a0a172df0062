use rest_standard::prelude::*;

#[resource(collection = "devices", paranoid)]
pub struct Device {
    pub owner: String,
}

fn main() {}
