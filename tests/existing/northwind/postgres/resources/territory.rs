//! The resources of the table `territories`.

use rest_standard::prelude::*;

use super::region::Region;

/// A row of `territories`.
#[resource(
    collection = "territories",
    id = Slug,
    table = "territories",
    key = "territory_id",
)]
#[derive(Debug)]
pub struct Territory {
    /// The column `territory_description`.
    #[field(length = 0..=60)]
    pub territory_description: String,
    /// The column `region_id`.
    #[field(filter, references = Region)]
    pub region_id: i16,
}
