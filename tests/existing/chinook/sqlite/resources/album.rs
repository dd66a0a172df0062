//! The resources of the table `Album`.

use rest_standard::prelude::*;

use super::artist::Artist;

/// A row of `Album`.
#[resource(
    collection = "albums",
    id = Integer,
    table = "Album",
    key = "AlbumId",
)]
#[derive(Debug)]
pub struct Album {
    /// The column `Title`.
    #[field(column = "Title", length = 0..=160)]
    pub title: String,
    /// The column `ArtistId`.
    #[field(column = "ArtistId", filter, references = Artist)]
    pub artist_id: i64,
}
