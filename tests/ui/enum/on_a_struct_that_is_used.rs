use rest_standard::prelude::*;

#[resource_enum]
pub struct Mode {
    pub on: bool,
}

#[resource(collection = "devices")]
pub struct Device {
    #[field(filter)]
    pub mode: Mode,
}

fn main() {}
