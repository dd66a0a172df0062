use rest_standard::prelude::*;

#[resource(collection = "sites", id = Slug)]
pub struct Site {
    pub name: String,
}

#[resource(collection = "devices")]
pub struct Device {
    #[field(foreign_key = "sites")]
    pub site: String,
}

fn main() {}
