use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    pub owner: String,
}

#[custom_methods]
impl Default for Device {
    fn default() -> Self {
        Self { owner: String::new() }
    }
}

fn main() {}
