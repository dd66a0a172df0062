//! The resources of the table `artist`.

use rest_standard::prelude::*;

/// A row of `artist`.
#[resource(
    collection = "artists",
    id = Integer,
    table = "artist",
    key = "artist_id",
)]
#[derive(Debug)]
pub struct Artist {
    /// The column `name`.
    #[field(length = 0..=120)]
    pub name: Option<String>,
}
