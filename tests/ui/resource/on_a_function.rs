use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub async fn device() {}

fn main() {}
