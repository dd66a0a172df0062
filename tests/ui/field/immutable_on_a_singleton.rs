use rest_standard::prelude::*;

#[resource(singleton = "state")]
pub struct State {
    #[field(immutable)]
    pub mode: Option<String>,
}

fn main() {}
