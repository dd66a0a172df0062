//! A service whose collections are read and filled at once.
//!
//! ```text
//! crates/{slug}                       export, import, soft delete, changes, a unique code, rules
//!     parcels/{integer}               export, import, slash verbs
//! ```

use rest_standard::{
    prelude::*,
    testing::{TestRequest, TestResponse},
};
use serde_json::{Value as Json, json};

/// What parcels come in.
#[resource(collection = "crates", id = Slug, soft_delete = "30d", changes, rules, export, import)]
#[derive(Debug)]
pub struct Crate {
    /// What is written on it.
    #[field(length = 1..=40, filter, order)]
    pub label: String,
    /// No two have the same.
    #[field(unique, filter)]
    pub code: Option<String>,
    /// How heavy it is.
    #[field(default = 1, range = 0..=1000, filter, order)]
    pub weight: i64,
    /// What opens it; nobody sees it.
    #[field(input_only)]
    pub lock: Option<String>,
    /// What is in it.
    pub contents: Vec<String>,
}

impl Rules for Crate {
    async fn on_create(&mut self, _cx: &mut Context<Self>) -> Result<()> {
        if self.weight == 13 {
            return Err(Error::failed_precondition("A crate of this weight brings bad luck."));
        }
        Ok(())
    }
}

/// What is sent.
#[resource(collection = "parcels", parent = Crate, id = Integer, slash_verbs, export, import)]
#[derive(Debug)]
pub struct Parcel {
    /// Where it goes.
    #[field(filter, order)]
    pub destination: String,
}

/// The service.
pub fn service() -> Service {
    Service::new("depot").version("v1", |api| api.resource::<Crate>().resource::<Parcel>())
}

under_test! {
    /// A depot under test.
    Depot, service()
}

impl Depot {
    /// An import of lines as they are.
    pub fn import_text(&self, collection: &str, lines: impl Into<Vec<u8>>) -> TestRequest {
        let lines: Vec<u8> = lines.into();
        self.call(&format!("{collection}:import")).text("application/x-ndjson", lines)
    }

    /// An import of the crates with these numbers.
    pub fn import(&self, numbers: impl IntoIterator<Item = usize>) -> TestRequest {
        self.import_text("crates", lines(numbers.into_iter().map(crate_body)))
    }

    /// Makes crates with these numbers.
    pub async fn fill(&self, numbers: impl IntoIterator<Item = usize>) {
        let _ = self.import(numbers).await.assert_status(200);
    }

    /// The crates' ids in order, by an export.
    pub async fn ids(&self) -> Vec<String> {
        let answer = self.get("crates:export").await.assert_status(200);
        exported(&answer)
            .iter()
            .map(|line| line["id"].as_str().expect("an id is a text").to_owned())
            .collect()
    }
}

/// The body of the crate with a number.
#[must_use]
pub fn crate_body(number: usize) -> Json {
    json!({"id": crate_id(number), "label": format!("Crate {number}"), "code": format!("C{number}")})
}

/// The id of the crate with a number; ids are in the order of numbers.
#[must_use]
pub fn crate_id(number: usize) -> String {
    format!("c{number:06}")
}

/// Bodies as the lines of an import.
#[must_use]
pub fn lines(bodies: impl IntoIterator<Item = Json>) -> String {
    bodies.into_iter().map(|body| format!("{body}\n")).collect()
}

/// The lines of an export.
///
/// # Panics
///
/// When one of them is not JSON.
#[must_use]
pub fn exported(answer: &TestResponse) -> Vec<Json> {
    let parse = |line: &str| serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}"));
    answer.text.lines().map(parse).collect()
}
