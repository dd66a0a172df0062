use rest_standard::prelude::*;

#[resource(singleton = "state")]
pub struct State {
    #[field(output_only)]
    pub mode: Option<String>,
}

fn main() {}
