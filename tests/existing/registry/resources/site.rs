//! The resources of what the table `sites` holds.

use rest_standard::prelude::*;

/// One site.
#[resource(
    collection = "sites",
    id = Slug,
)]
#[derive(Debug)]
pub struct Site {
    /// The column `display_name`.
    #[field(filter, order)]
    pub display_name: String,
    /// The column `time_zone`.
    #[field(filter, order)]
    pub time_zone: Option<String>,
    /// The column `region_code`.
    #[field(filter, order)]
    pub region_code: Option<String>,
    /// The column `language_code`.
    #[field(filter, order)]
    pub language_code: Option<String>,
    /// The column `labels`.
    pub labels: std::collections::BTreeMap<String, String>,
}
