use rest_standard::prelude::*;

#[resource(collection = "sites", id = Slug)]
pub struct Site {
    pub name: String,
}

#[resource_value]
pub struct Place {
    #[field(references = Site)]
    pub site: String,
}

fn main() {}
