use rest_standard::prelude::*;

#[resource(singleton = "state", id = Slug)]
pub struct State {
    pub owner: Option<String>,
}

fn main() {}
