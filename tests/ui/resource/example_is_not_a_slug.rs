use rest_standard::prelude::*;

#[resource(collection = "device-types", id = Slug, example = "House Alarm")]
pub struct DeviceType {
    pub owner: String,
}

fn main() {}
