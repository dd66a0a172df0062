//! The resources of the table `Genre`.

use rest_standard::prelude::*;

/// A row of `Genre`.
#[resource(
    collection = "genres",
    id = Integer,
    table = "Genre",
    key = "GenreId",
)]
#[derive(Debug)]
pub struct Genre {
    /// The column `Name`.
    #[field(column = "Name", length = 0..=120)]
    pub name: Option<String>,
}
