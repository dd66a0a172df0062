use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    pub id: Uuid,
}

fn main() {}
