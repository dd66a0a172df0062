use rest_standard::prelude::*;

pub struct Step {
    pub to: String,
}

#[resource(singleton = "state-machine")]
pub struct StateMachine {
    pub steps: Vec<Step>,
}

fn main() {}
