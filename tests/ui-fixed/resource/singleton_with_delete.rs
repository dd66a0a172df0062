use rest_standard::prelude::*;

#[resource(singleton = "state", methods(read))]
pub struct State {
    pub owner: Option<String>,
}

fn main() {}
