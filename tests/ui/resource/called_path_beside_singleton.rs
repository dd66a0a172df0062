use rest_standard::prelude::*;

#[resource(singleton = "state", path = "/state")]
pub struct State {
    pub owner: Option<String>,
}

fn main() {}
