//! The resources of the table `invoice_line`.

use rest_standard::prelude::*;

use super::invoice::Invoice;
use super::track::Track;

/// A row of `invoice_line`.
#[resource(
    collection = "invoice-lines",
    id = Integer,
    parent = Invoice,
    table = "invoice_line",
    key("invoice_id", "invoice_line_id"),
)]
#[derive(Debug)]
pub struct InvoiceLine {
    /// The column `track_id`.
    #[field(filter, references = Track)]
    pub track_id: i32,
    /// The column `unit_price`.
    pub unit_price: f64,
    /// The column `quantity`.
    pub quantity: i32,
}
