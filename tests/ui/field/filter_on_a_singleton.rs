use rest_standard::prelude::*;

#[resource(singleton = "state")]
pub struct State {
    #[field(filter)]
    pub mode: Option<String>,
}

fn main() {}
