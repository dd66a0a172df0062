use rest_standard::prelude::*;

#[derive(Clone, Copy, Debug)]
pub enum Mode {
    Off,
    On,
}

#[resource(singleton = "state")]
pub struct State {
    pub mode: Mode,
}

fn main() {}
