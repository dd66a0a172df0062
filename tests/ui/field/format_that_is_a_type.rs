use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(format = date_time)]
    pub installed_at: String,
}

fn main() {}
