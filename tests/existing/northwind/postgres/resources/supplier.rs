//! The resources of the table `suppliers`.

use rest_standard::prelude::*;

/// A row of `suppliers`.
#[resource(
    collection = "suppliers",
    id = Integer,
    table = "suppliers",
    key = "supplier_id",
)]
#[derive(Debug)]
pub struct Supplier {
    /// The column `company_name`.
    #[field(length = 0..=40)]
    pub company_name: String,
    /// The column `homepage`.
    pub homepage: Option<String>,
}
