use rest_standard::prelude::*;

#[resource(collection = "sites", id = Slug)]
pub struct Site {
    pub name: String,
}

#[resource(singleton = "device")]
pub struct Device {
    #[field(references = Site)]
    pub site: Option<String>,
}

fn main() {}
