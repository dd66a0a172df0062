//! The resources of the table `Artist`.

use rest_standard::prelude::*;

/// A row of `Artist`.
#[resource(
    collection = "artists",
    id = Integer,
    table = "Artist",
    key = "ArtistId",
)]
#[derive(Debug)]
pub struct Artist {
    /// The column `Name`.
    #[field(column = "Name", length = 0..=120)]
    pub name: Option<String>,
}
