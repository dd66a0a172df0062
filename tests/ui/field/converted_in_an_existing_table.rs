use rest_standard::prelude::*;

#[resource(collection = "invoices", table = "Invoice")]
pub struct Invoice {
    #[field(converted_from = text)]
    pub number: i64,
}

fn main() {}
