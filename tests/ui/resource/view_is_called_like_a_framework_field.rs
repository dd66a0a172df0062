use rest_standard::prelude::*;

#[resource(collection = "devices", view(name = "links", fields(display_name, owner)))]
pub struct Device {
    pub display_name: String,
    pub owner: String,
    #[field(input_only)]
    pub pin: Option<String>,
}

fn main() {}
