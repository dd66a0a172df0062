use rest_standard::prelude::*;

#[resource(collection = "sites", id = Slug)]
pub struct Site {
    pub name: String,
}

#[resource(collection = "shelves", parent = Site, id = Slug)]
pub struct Shelf {
    pub name: String,
}

#[resource(collection = "devices")]
pub struct Device {
    #[field(references = Shelf)]
    pub site: String,
}

fn main() {}
