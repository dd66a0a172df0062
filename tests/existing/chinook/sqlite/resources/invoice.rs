//! The resources of the table `Invoice`.

use rest_standard::prelude::*;

use super::customer::Customer;

/// A row of `Invoice`.
#[resource(
    collection = "invoices",
    id = Integer,
    table = "Invoice",
    key = "InvoiceId",
)]
#[derive(Debug)]
pub struct Invoice {
    /// The column `CustomerId`.
    #[field(column = "CustomerId", filter, references = Customer)]
    pub customer_id: i64,
    /// The column `InvoiceDate`.
    #[field(column = "InvoiceDate")]
    pub invoice_date: Timestamp,
    /// The column `BillingCity`.
    #[field(column = "BillingCity", length = 0..=40)]
    pub billing_city: Option<String>,
    /// The column `Total`.
    #[field(column = "Total")]
    pub total: f64,
}
