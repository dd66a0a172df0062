//! The resources of the table `Invoice_Line`.

use rest_standard::prelude::*;

use super::invoice::Invoice;
use super::track::Track;

/// A row of `Invoice_Line`.
#[resource(
    collection = "invoice-lines",
    id = Integer,
    parent = Invoice,
    table = "Invoice_Line",
    key("InvoiceId", "InvoiceLineId"),
)]
#[derive(Debug)]
pub struct InvoiceLine {
    /// The column `TrackId`.
    #[field(column = "TrackId", filter, references = Track)]
    pub track_id: i64,
    /// The column `UnitPrice`.
    #[field(column = "UnitPrice")]
    pub unit_price: f64,
    /// The column `Quantity`.
    #[field(column = "Quantity")]
    pub quantity: i64,
}
