use rest_standard::prelude::*;

#[resource(singleton = "state")]
pub struct State {
    pub mode: Option<String>,
}

fn main() {}
