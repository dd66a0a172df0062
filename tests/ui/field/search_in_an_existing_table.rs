use rest_standard::prelude::*;

#[resource(collection = "invoices", table = "Invoice")]
pub struct Invoice {
    #[field(search)]
    pub owner: String,
}

fn main() {}
