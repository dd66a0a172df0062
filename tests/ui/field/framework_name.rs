use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    pub created_at: Timestamp,
}

fn main() {}
