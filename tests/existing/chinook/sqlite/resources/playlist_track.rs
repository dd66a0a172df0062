//! The resources of the table `PlaylistTrack`.

use rest_standard::prelude::*;

use super::playlist::Playlist;

/// A row of `PlaylistTrack`.
#[resource(
    collection = "playlist-tracks",
    id = Integer,
    parent = Playlist,
    table = "PlaylistTrack",
    key("PlaylistId", "TrackId"),
    without(create),
    upsert,
)]
#[derive(Debug)]
pub struct PlaylistTrack {
}
