//! The resources of the table `Region`.

use rest_standard::prelude::*;

/// A row of `Region`.
#[resource(
    collection = "regions",
    id = Integer,
    table = "Region",
    key = "RegionID",
)]
#[derive(Debug)]
pub struct Region {
    /// The column `RegionDescription`.
    #[field(column = "RegionDescription")]
    pub region_description: String,
}
