use rest_standard::prelude::*;

#[resource(collection = "devices", index(volume, displayname))]
pub struct Device {
    #[field(order)]
    pub display_name: String,
    #[field(filter)]
    pub volume: i64,
    pub colour: String,
}

fn main() {}
