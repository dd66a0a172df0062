//! The resources of the table `CustomerDemographics`.

use rest_standard::prelude::*;

/// A row of `CustomerDemographics`.
#[resource(
    collection = "customer-demographics",
    id = Text,
    table = "CustomerDemographics",
    key = "CustomerTypeID",
)]
#[derive(Debug)]
pub struct CustomerDemographic {
    /// The column `CustomerDesc`.
    #[field(column = "CustomerDesc")]
    pub customer_desc: Option<String>,
}
