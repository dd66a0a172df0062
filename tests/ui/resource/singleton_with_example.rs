use rest_standard::prelude::*;

#[resource(singleton = "settings", example = "settings")]
pub struct Settings {
    pub owner: Option<String>,
}

fn main() {}
