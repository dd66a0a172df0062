//! The places where devices are.

use std::collections::BTreeMap;

use rest_standard::prelude::*;

/// A place where devices are installed.
#[resource(collection = "sites", id = Slug, example = "harbour-street", export, import)]
#[derive(Debug)]
pub struct Site {
    /// The name that people read.
    #[field(length = 1..=64, example = "Harbour Street 12", filter, order, search)]
    pub display_name: String,
    /// Its time zone, such as `Europe/Berlin`.
    #[field(length = ..=64, example = "Europe/Berlin", filter)]
    pub time_zone: Option<String>,
    /// Its country, such as `DE`.
    #[field(example = "DE", filter)]
    pub region_code: Option<String>,
    /// The language that is spoken there, such as `de`.
    #[field(length = ..=35, example = "de", filter)]
    pub language_code: Option<String>,
    /// Words of the operator's own, each under a key.
    #[field(length = ..=64)]
    pub labels: BTreeMap<String, String>,
}
