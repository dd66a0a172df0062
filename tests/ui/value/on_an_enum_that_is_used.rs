use rest_standard::prelude::*;

#[resource_value]
pub enum Role {
    Admin,
    Editor,
}

#[resource(collection = "accounts")]
pub struct Account {
    pub role: Role,
    pub others: Vec<Role>,
}

fn main() {}
