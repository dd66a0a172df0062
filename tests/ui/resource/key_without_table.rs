use rest_standard::prelude::*;

#[resource(collection = "invoices", key = "InvoiceId")]
pub struct Invoice {
    pub owner: String,
}

fn main() {}
