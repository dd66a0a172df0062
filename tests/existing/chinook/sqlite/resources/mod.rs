//! The resources, one file each.

mod album;
mod artist;
mod customer;
mod employee;
mod genre;
mod invoice;
mod invoice_line;
mod media_type;
mod playlist;
mod playlist_track;
mod track;

use rest_standard::command::Resources;

/// Registers all of them, parents before what is below them.
pub fn register(api: Resources) -> Resources {
    api
        .resource::<album::Album>()
        .resource::<artist::Artist>()
        .resource::<customer::Customer>()
        .resource::<employee::Employee>()
        .resource::<genre::Genre>()
        .resource::<invoice::Invoice>()
        .resource::<invoice_line::InvoiceLine>()
        .resource::<media_type::MediaType>()
        .resource::<playlist::Playlist>()
        .resource::<playlist_track::PlaylistTrack>()
        .resource::<track::Track>()
}
