use rest_standard::prelude::*;

#[resource(collection = "invoices", table = "Invoice")]
pub struct Invoice {
    pub owner: String,
}

fn main() {}
