use rest_standard::prelude::*;

#[resource(collection = "devs", singular = "dev")]
pub struct Thing {
    pub owner: Option<String>,
}

fn main() {}
