use rest_standard::prelude::*;

#[resource(singleton = "state", export)]
pub struct State {
    pub owner: Option<String>,
}

fn main() {}
