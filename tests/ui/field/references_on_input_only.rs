use rest_standard::prelude::*;

#[resource(collection = "sites", id = Slug)]
pub struct Site {
    pub name: String,
}

#[resource(collection = "devices")]
pub struct Device {
    #[field(input_only, references = Site)]
    pub site: String,
}

fn main() {}
