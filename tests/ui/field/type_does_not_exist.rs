use rest_standard::prelude::*;

#[resource_value]
pub struct Place {
    pub room: String,
}

#[resource(collection = "devices")]
pub struct Device {
    pub place: Plac,
}

fn main() {}
