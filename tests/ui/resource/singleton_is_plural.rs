use rest_standard::prelude::*;

#[resource(singleton = "preferences")]
pub struct Preferences {
    pub theme: Option<String>,
}

fn main() {}
