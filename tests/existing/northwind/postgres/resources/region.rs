//! The resources of the table `region`.

use rest_standard::prelude::*;

/// A row of `region`.
#[resource(
    collection = "regions",
    id = Integer,
    table = "region",
    key = "region_id",
)]
#[derive(Debug)]
pub struct Region {
    /// The column `region_description`.
    #[field(length = 0..=60)]
    pub region_description: String,
}
