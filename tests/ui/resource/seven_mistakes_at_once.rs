use rest_standard::prelude::*;

#[resource(collection = "Device", id = Guid, upsert = true, methods(list, fetch))]
pub struct Device {
    #[field(length = 10..=2)]
    pub display_name: String,
    #[field(input_only, output_only)]
    pub secret: String,
    pub created_at: Timestamp,
}

fn main() {}
