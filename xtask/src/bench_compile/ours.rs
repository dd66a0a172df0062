//! The generated service with this library: annotated structs and a list of them.

use std::{fmt::Write as _, path::Path};

use super::names;

/// The dependencies of an author's crate.
pub(super) fn manifest(workspace: &Path) -> String {
    // A literal string, as a path may have backslashes.
    format!(
        "[dependencies]\nrest-standard = {{ path = '{}' }}\ntokio = {{ version = \"1\", features = [\"macros\", \"rt-multi-thread\"] }}\n",
        workspace.join("rest-standard").display()
    )
}

/// A whole service with as many resources.
pub(super) fn source(resources: usize) -> String {
    let mut source = "use rest_standard::prelude::*;\n".to_owned();
    let mut list = String::new();
    for (name, collection) in names(resources) {
        source += &RESOURCE.replace("COLLECTION", &collection).replace("NAME", &name);
        // Writing to a string cannot fail.
        let _ = write!(list, ".resource::<{name}>()");
    }
    source + &MAIN.replace("LIST", &list)
}

const RESOURCE: &str = r#"
/// One device of a kind.
#[resource(collection = "COLLECTION")]
pub struct NAME {
    /// What people call it.
    #[field(length = 1..=64, filter, order)]
    pub display_name: String,
    /// Who answers for it.
    #[field(length = 1..=64, filter)]
    pub owner: String,
    /// How loud it is.
    #[field(range = 0..=10, default = 5, filter, order)]
    pub volume: i64,
    /// What the maker calls it.
    #[field(length = 1..=32, immutable, unique)]
    pub serial_number: String,
    /// Whether it is in use.
    #[field(default = true, filter)]
    pub enabled: bool,
    /// What it is filed under.
    #[field(length = 0..=20)]
    pub tags: Vec<String>,
    /// What else is known.
    #[field(length = 0..=500)]
    pub note: Option<String>,
    /// How full the battery is.
    #[field(range = 0.0..=1.0, default = 1.0)]
    pub charge: f64,
    /// How often it was started.
    #[field(default = 0, order)]
    pub starts: u32,
    /// The room's number.
    #[field(pattern = "[A-Z][0-9]{1,3}")]
    pub room: Option<String>,
}
"#;

const MAIN: &str = r#"
#[tokio::main]
async fn main() -> Result<()> {
    Service::new("bench-compile").version("v1", |api| apiLIST).run().await
}
"#;
