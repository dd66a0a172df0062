use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    #[field(default = "loud")]
    pub volume: Option<i64>,
}

fn main() {}
