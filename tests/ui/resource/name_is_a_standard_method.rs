use rest_standard::prelude::*;

#[resource(collection = "create-devices")]
pub struct CreateDevice {
    pub owner: String,
}

fn main() {}
