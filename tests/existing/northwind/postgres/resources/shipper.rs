//! The resources of the table `shippers`.

use rest_standard::prelude::*;

/// A row of `shippers`.
#[resource(
    collection = "shippers",
    id = Integer,
    table = "shippers",
    key = "shipper_id",
)]
#[derive(Debug)]
pub struct Shipper {
    /// The column `company_name`.
    #[field(length = 0..=40)]
    pub company_name: String,
    /// The column `phone`.
    #[field(length = 0..=24)]
    pub phone: Option<String>,
}
