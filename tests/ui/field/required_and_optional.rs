use rest_standard::prelude::*;

#[resource_enum]
pub enum Mode {
    Off = 0,
    On,
}

#[resource(collection = "devices")]
pub struct Device {
    #[field(required)]
    pub mode: Option<Mode>,
}

fn main() {}
