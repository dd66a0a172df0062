//! The resources of the table `invoice`.

use rest_standard::prelude::*;

use super::customer::Customer;

/// A row of `invoice`.
#[resource(
    collection = "invoices",
    id = Integer,
    table = "invoice",
    key = "invoice_id",
)]
#[derive(Debug)]
pub struct Invoice {
    /// The column `customer_id`.
    #[field(filter, references = Customer)]
    pub customer_id: i32,
    /// The column `invoice_date`.
    pub invoice_date: Timestamp,
    /// The column `billing_city`.
    #[field(length = 0..=40)]
    pub billing_city: Option<String>,
    /// The column `total`.
    pub total: f64,
}
