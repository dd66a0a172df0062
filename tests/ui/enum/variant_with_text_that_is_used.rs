use rest_standard::prelude::*;

#[resource_enum]
#[derive(Debug, Clone, PartialEq)]
pub enum Mode {
    Off,
    Other(String),
}

#[resource(singleton = "state")]
#[derive(Debug, Clone)]
pub struct State {
    pub mode: Mode,
}

fn main() {}
