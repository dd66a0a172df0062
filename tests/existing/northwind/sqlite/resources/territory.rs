//! The resources of the table `Territories`.

use rest_standard::prelude::*;

use super::region::Region;

/// A row of `Territories`.
#[resource(
    collection = "territories",
    id = Slug,
    table = "Territories",
    key = "TerritoryID",
)]
#[derive(Debug)]
pub struct Territory {
    /// The column `TerritoryDescription`.
    #[field(column = "TerritoryDescription")]
    pub territory_description: String,
    /// The column `RegionID`.
    #[field(column = "RegionID", filter, references = Region)]
    pub region_id: i64,
}
