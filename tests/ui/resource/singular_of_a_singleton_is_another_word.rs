use rest_standard::prelude::*;

#[resource(singleton = "dns", singular = "resolver")]
pub struct Thing {
    pub owner: Option<String>,
}

fn main() {}
