use rest_standard::prelude::*;

#[resource(collection = "open-switch-ports")]
pub struct OpenSwitchPort {
    pub port: i64,
}

fn main() {}
