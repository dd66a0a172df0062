//! The resources of the table `track`.

use rest_standard::prelude::*;

use super::album::Album;
use super::genre::Genre;
use super::media_type::MediaType;

/// A row of `track`.
#[resource(
    collection = "tracks",
    id = Integer,
    table = "track",
    key = "track_id",
)]
#[derive(Debug)]
pub struct Track {
    /// The column `name`.
    #[field(length = 0..=200, filter, order)]
    pub name: String,
    /// The column `album_id`.
    #[field(filter, references = Album)]
    pub album_id: Option<i32>,
    /// The column `media_type_id`.
    #[field(filter, references = MediaType)]
    pub media_type_id: i32,
    /// The column `genre_id`.
    #[field(filter, references = Genre)]
    pub genre_id: Option<i32>,
    /// The column `composer`.
    #[field(length = 0..=220)]
    pub composer: Option<String>,
    /// The column `milliseconds`.
    pub milliseconds: i32,
    /// The column `bytes`.
    pub bytes: Option<i32>,
    /// The column `unit_price`.
    pub unit_price: f64,
}
