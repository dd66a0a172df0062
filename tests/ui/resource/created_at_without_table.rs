use rest_standard::prelude::*;

#[resource(collection = "invoices", created_at = "Made")]
pub struct Invoice {
    pub owner: String,
}

fn main() {}
