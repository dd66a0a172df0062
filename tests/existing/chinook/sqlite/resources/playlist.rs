//! The resources of the table `Playlist`.

use rest_standard::prelude::*;

/// A row of `Playlist`.
#[resource(
    collection = "playlists",
    id = Integer,
    table = "Playlist",
    key = "PlaylistId",
)]
#[derive(Debug)]
pub struct Playlist {
    /// The column `Name`.
    #[field(column = "Name", length = 0..=120)]
    pub name: Option<String>,
}
