//! The resources of the table `MediaType`.

use rest_standard::prelude::*;

/// A row of `MediaType`.
#[resource(
    collection = "media-types",
    id = Integer,
    table = "MediaType",
    key = "MediaTypeId",
)]
#[derive(Debug)]
pub struct MediaType {
    /// The column `Name`.
    #[field(column = "Name", length = 0..=120)]
    pub name: Option<String>,
}
