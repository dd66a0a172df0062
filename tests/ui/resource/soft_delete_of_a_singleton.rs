use rest_standard::prelude::*;

#[resource(singleton = "device", soft_delete = "30d")]
pub struct Device {
    pub owner: String,
}

fn main() {}
