use rest_standard::prelude::*;

#[resource(collection = "invoices", table = "Invoice")]
pub struct Invoice {
    #[field(column = "Owner")]
    pub owner: String,
}

fn main() {}
