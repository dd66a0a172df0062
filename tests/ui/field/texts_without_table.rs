use rest_standard::prelude::*;

#[resource(collection = "invoices")]
pub struct Invoice {
    #[field(texts(Open = "open"))]
    pub state: State,
}

#[resource_enum]
pub enum State {
    Open,
}

fn main() {}
