use rest_standard::prelude::*;

#[resource(collection = "sites", id = Slug)]
pub struct Site {
    pub name: String,
}

#[resource(collection = "devices")]
pub struct Device {
    #[field(references = Site, on_delete = set_null)]
    pub site: Option<String>,
}

fn main() {}
