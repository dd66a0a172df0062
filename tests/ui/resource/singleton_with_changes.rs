use rest_standard::prelude::*;

#[resource(singleton = "state", changes)]
pub struct State {
    pub owner: Option<String>,
}

fn main() {}
