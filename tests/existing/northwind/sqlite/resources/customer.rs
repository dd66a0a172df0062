//! The resources of the table `Customers`.

use rest_standard::prelude::*;

/// A row of `Customers`.
#[resource(
    collection = "customers",
    id = Text,
    table = "Customers",
    key = "CustomerID",
)]
#[derive(Debug)]
pub struct Customer {
    /// The column `CompanyName`.
    #[field(column = "CompanyName")]
    pub company_name: String,
    /// The column `ContactName`.
    #[field(column = "ContactName")]
    pub contact_name: Option<String>,
    /// The column `City`.
    #[field(column = "City", filter, order)]
    pub city: Option<String>,
    /// The column `Region`.
    #[field(column = "Region")]
    pub region: Option<String>,
    /// The column `PostalCode`.
    #[field(column = "PostalCode")]
    pub postal_code: Option<String>,
    /// The column `Country`.
    #[field(column = "Country")]
    pub country: Option<String>,
}
