use rest_standard::prelude::*;

#[resource(singleton = "state", methods(read, delete))]
pub struct State {
    pub owner: Option<String>,
}

fn main() {}
