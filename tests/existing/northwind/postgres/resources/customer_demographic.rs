//! The resources of the table `customer_demographics`.

use rest_standard::prelude::*;

/// A row of `customer_demographics`.
#[resource(
    collection = "customer-demographics",
    id = Text,
    table = "customer_demographics",
    key = "customer_type_id",
)]
#[derive(Debug)]
pub struct CustomerDemographic {
    /// The column `customer_desc`.
    pub customer_desc: Option<String>,
}
