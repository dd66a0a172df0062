use rest_standard::prelude::*;

#[resource(changes)]
pub struct DeviceType {
    pub owner: String,
}

fn main() {}
