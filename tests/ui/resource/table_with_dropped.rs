use rest_standard::prelude::*;

#[resource(collection = "invoices", table = "Invoice", dropped(old))]
pub struct Invoice {
    pub owner: String,
}

fn main() {}
