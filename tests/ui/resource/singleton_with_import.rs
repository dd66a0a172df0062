use rest_standard::prelude::*;

#[resource(singleton = "state", import)]
pub struct State {
    pub owner: Option<String>,
}

fn main() {}
