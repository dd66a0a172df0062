//! The resources of the table `Shippers`.

use rest_standard::prelude::*;

/// A row of `Shippers`.
#[resource(
    collection = "shippers",
    id = Integer,
    table = "Shippers",
    key = "ShipperID",
)]
#[derive(Debug)]
pub struct Shipper {
    /// The column `CompanyName`.
    #[field(column = "CompanyName")]
    pub company_name: String,
    /// The column `Phone`.
    #[field(column = "Phone")]
    pub phone: Option<String>,
}
