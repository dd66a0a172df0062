use rest_standard::prelude::*;

#[resource(collection = "invoices", table = "Invoice", soft_delete = "30d")]
pub struct Invoice {
    pub owner: String,
}

fn main() {}
