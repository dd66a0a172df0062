use rest_standard::prelude::*;

#[resource(singleton = "state", upsert)]
pub struct State {
    pub owner: Option<String>,
}

fn main() {}
