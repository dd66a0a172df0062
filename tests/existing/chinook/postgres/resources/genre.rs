//! The resources of the table `genre`.

use rest_standard::prelude::*;

/// A row of `genre`.
#[resource(
    collection = "genres",
    id = Integer,
    table = "genre",
    key = "genre_id",
)]
#[derive(Debug)]
pub struct Genre {
    /// The column `name`.
    #[field(length = 0..=120)]
    pub name: Option<String>,
}
