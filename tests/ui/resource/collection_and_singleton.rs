use rest_standard::prelude::*;

#[resource(collection = "devices", singleton = "device")]
pub struct Device {
    pub owner: Option<String>,
}

fn main() {}
