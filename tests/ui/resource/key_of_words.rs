use rest_standard::prelude::*;

#[resource(collection = "invoices", table = "Invoice", key(CustomerId, InvoiceId))]
pub struct Invoice {
    pub owner: String,
}

fn main() {}
