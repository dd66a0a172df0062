use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub enum Device {
    Alarm,
}

fn main() {}
