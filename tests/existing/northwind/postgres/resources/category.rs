//! The resources of the table `categories`.

use rest_standard::prelude::*;

/// A row of `categories`.
#[resource(
    collection = "categories",
    id = Integer,
    table = "categories",
    key = "category_id",
)]
#[derive(Debug)]
pub struct Category {
    /// The column `category_name`.
    #[field(length = 0..=15, unique, filter, order)]
    pub category_name: String,
    /// The column `description`.
    pub description: Option<String>,
    /// The column `picture`.
    pub picture: Option<Bytes>,
}
