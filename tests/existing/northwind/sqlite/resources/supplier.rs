//! The resources of the table `Suppliers`.

use rest_standard::prelude::*;

/// A row of `Suppliers`.
#[resource(
    collection = "suppliers",
    id = Integer,
    table = "Suppliers",
    key = "SupplierID",
)]
#[derive(Debug)]
pub struct Supplier {
    /// The column `CompanyName`.
    #[field(column = "CompanyName")]
    pub company_name: String,
    /// The column `HomePage`.
    #[field(column = "HomePage")]
    pub home_page: Option<String>,
}
