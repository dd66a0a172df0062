//! The resources of the table `playlist`.

use rest_standard::prelude::*;

/// A row of `playlist`.
#[resource(
    collection = "playlists",
    id = Integer,
    table = "playlist",
    key = "playlist_id",
)]
#[derive(Debug)]
pub struct Playlist {
    /// The column `name`.
    #[field(length = 0..=120)]
    pub name: Option<String>,
}
