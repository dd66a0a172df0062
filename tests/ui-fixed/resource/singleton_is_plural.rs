use rest_standard::prelude::*;

#[resource(singleton = "preference")]
pub struct Preferences {
    pub theme: Option<String>,
}

fn main() {}
