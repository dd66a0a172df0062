//! The resources of the table `media_type`.

use rest_standard::prelude::*;

/// A row of `media_type`.
#[resource(
    collection = "media-types",
    id = Integer,
    table = "media_type",
    key = "media_type_id",
)]
#[derive(Debug)]
pub struct MediaType {
    /// The column `name`.
    #[field(length = 0..=120)]
    pub name: Option<String>,
}
