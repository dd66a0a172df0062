use rest_standard::prelude::*;

#[resource(collection = "invoices", table = "Invoice", index(owner, payer))]
pub struct Invoice {
    #[field(filter)]
    pub owner: String,
    #[field(filter)]
    pub payer: String,
}

fn main() {}
