use rest_standard::prelude::*;

#[resource(collection = "invoices")]
pub struct Invoice {
    #[field(column = "Owner")]
    pub owner: String,
}

fn main() {}
