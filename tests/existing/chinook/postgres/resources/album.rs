//! The resources of the table `album`.

use rest_standard::prelude::*;

use super::artist::Artist;

/// A row of `album`.
#[resource(
    collection = "albums",
    id = Integer,
    table = "album",
    key = "album_id",
)]
#[derive(Debug)]
pub struct Album {
    /// The column `title`.
    #[field(length = 0..=160)]
    pub title: String,
    /// The column `artist_id`.
    #[field(filter, references = Artist)]
    pub artist_id: i32,
}
