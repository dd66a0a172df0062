use rest_standard::prelude::*;

#[resource(singleton = "state")]
pub struct State {
    pub volume: i64,
}

fn main() {}
