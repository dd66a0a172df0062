//! The resources of the table `Categories`.

use rest_standard::prelude::*;

/// A row of `Categories`.
#[resource(
    collection = "categories",
    id = Integer,
    table = "Categories",
    key = "CategoryID",
)]
#[derive(Debug)]
pub struct Category {
    /// The column `CategoryName`.
    #[field(column = "CategoryName", unique, filter, order)]
    pub category_name: String,
    /// The column `Description`.
    #[field(column = "Description")]
    pub description: Option<String>,
    /// The column `Picture`.
    #[field(column = "Picture")]
    pub picture: Option<Bytes>,
}
