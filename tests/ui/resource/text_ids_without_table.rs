use rest_standard::prelude::*;

#[resource(collection = "invoices", id = Text)]
pub struct Invoice {
    pub owner: String,
}

fn main() {}
