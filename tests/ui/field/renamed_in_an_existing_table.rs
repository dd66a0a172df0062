use rest_standard::prelude::*;

#[resource(collection = "invoices", table = "Invoice")]
pub struct Invoice {
    #[field(renamed_from = "payed_by")]
    pub payer: String,
}

fn main() {}
