use rest_standard::prelude::*;

#[resource_value]
#[derive(Clone)]
pub struct Address {
    pub street: String,
    pub city: String,
}

#[resource(collection = "houses", view(name = "summary", fields(address, address.city)))]
pub struct House {
    pub address: Option<Address>,
}

fn main() {}
