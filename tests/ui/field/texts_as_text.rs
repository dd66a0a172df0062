use rest_standard::prelude::*;

#[resource(collection = "invoices", table = "Invoice")]
pub struct Invoice {
    #[field(texts = "open")]
    pub state: State,
}

#[resource_enum]
pub enum State {
    Open,
}

fn main() {}
