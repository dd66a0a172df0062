use rest_standard::prelude::*;

#[resource(singleton = "states", singular = "state")]
pub struct State {
    pub owner: Option<String>,
}

fn main() {}
