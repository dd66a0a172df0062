//! The resources of the table `Track`.

use rest_standard::prelude::*;

use super::album::Album;
use super::genre::Genre;
use super::media_type::MediaType;

/// A row of `Track`.
#[resource(
    collection = "tracks",
    id = Integer,
    table = "Track",
    key = "TrackId",
)]
#[derive(Debug)]
pub struct Track {
    /// The column `Name`.
    #[field(column = "Name", length = 0..=200, filter, order)]
    pub name: String,
    /// The column `AlbumId`.
    #[field(column = "AlbumId", filter, references = Album)]
    pub album_id: Option<i64>,
    /// The column `MediaTypeId`.
    #[field(column = "MediaTypeId", filter, references = MediaType)]
    pub media_type_id: i64,
    /// The column `GenreId`.
    #[field(column = "GenreId", filter, references = Genre)]
    pub genre_id: Option<i64>,
    /// The column `Composer`.
    #[field(column = "Composer", length = 0..=220)]
    pub composer: Option<String>,
    /// The column `Milliseconds`.
    #[field(column = "Milliseconds")]
    pub milliseconds: i64,
    /// The column `Bytes`.
    #[field(column = "Bytes")]
    pub bytes: Option<i64>,
    /// The column `UnitPrice`.
    #[field(column = "UnitPrice")]
    pub unit_price: f64,
}
