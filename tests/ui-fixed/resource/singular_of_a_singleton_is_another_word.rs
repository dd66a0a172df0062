use rest_standard::prelude::*;

#[resource(singleton = "dns", singular = "dns")]
pub struct Thing {
    pub owner: Option<String>,
}

fn main() {}
