use rest_standard::prelude::*;

#[resource(singleton = "state")]
pub struct State {
    #[field(default = 5)]
    pub volume: i64,
}

fn main() {}
