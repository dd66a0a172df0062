use rest_standard::prelude::*;

#[resource(collection = "open-switch-port-requests")]
pub struct OpenSwitchPortRequest {
    pub port: i64,
}

fn main() {}
