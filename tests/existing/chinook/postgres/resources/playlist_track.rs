//! The resources of the table `playlist_track`.

use rest_standard::prelude::*;

use super::playlist::Playlist;

/// A row of `playlist_track`.
#[resource(
    collection = "playlist-tracks",
    id = Integer,
    parent = Playlist,
    table = "playlist_track",
    key("playlist_id", "track_id"),
    without(create),
    upsert,
)]
#[derive(Debug)]
pub struct PlaylistTrack {
}
