use rest_standard::prelude::*;

#[resource(singleton = "state")]
pub struct State {
    #[field(search)]
    pub mode: Option<String>,
}

fn main() {}
