//! The resources of the table `customers`.

use rest_standard::prelude::*;

/// A row of `customers`.
#[resource(
    collection = "customers",
    id = Text,
    table = "customers",
    key = "customer_id",
)]
#[derive(Debug)]
pub struct Customer {
    /// The column `company_name`.
    #[field(length = 0..=40)]
    pub company_name: String,
    /// The column `contact_name`.
    #[field(length = 0..=30)]
    pub contact_name: Option<String>,
    /// The column `city`.
    #[field(length = 0..=15, filter, order)]
    pub city: Option<String>,
    /// The column `region`.
    #[field(length = 0..=15)]
    pub region: Option<String>,
    /// The column `postal_code`.
    #[field(length = 0..=10)]
    pub postal_code: Option<String>,
    /// The column `country`.
    #[field(length = 0..=15)]
    pub country: Option<String>,
}
