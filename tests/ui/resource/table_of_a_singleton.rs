use rest_standard::prelude::*;

#[resource(singleton = "state", table = "State")]
pub struct State {
    pub owner: Option<String>,
}

fn main() {}
