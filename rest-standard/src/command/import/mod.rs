//! Declarations from the tables of a database: what `import-schema` writes.
//!
//! `source` reads the tables, `entity` decides what each of them is in the API, `fields` what its columns are, `own` knows the
//! tables that the framework itself made, and `text` writes Rust from the `declaration` that they make. Whatever had to be decided that the tables do not say is
//! reported. Nothing in the database is changed.

mod checks;
mod declaration;
mod entity;
mod fields;
mod own;
mod source;
mod text;

use std::collections::{BTreeMap, BTreeSet};

pub(crate) use source::Source;

use crate::error::Result;

/// What is written.
#[derive(Debug)]
pub(crate) struct Imported {
    /// The files below the folder, each with its text.
    pub(crate) files: Vec<(String, String)>,
    /// What had to be decided.
    pub(crate) report: Vec<String>,
    /// How many tables became resources.
    pub(crate) count: usize,
}

/// Declares the tables of a database.
///
/// # Errors
///
/// When the database cannot be read.
pub(crate) async fn import(source: &Source, service: &str) -> Result<Imported> {
    let mut report = Report::default();
    let entities = entity::entities(source, &mut report).await?;
    let files = text::files(&entities, service);
    Ok(Imported { files, report: report.lines(), count: entities.len() })
}

/// What had to be decided.
#[derive(Debug, Default)]
pub(crate) struct Report {
    lines: Vec<String>,
    /// Which of the framework's columns tables lack.
    lacking: BTreeMap<Vec<&'static str>, Vec<String>>,
}

impl Report {
    fn say(&mut self, table: &str, what: impl AsRef<str>) {
        self.lines.push(format!("{table}: {}", what.as_ref()));
    }

    fn lack(&mut self, table: &str, columns: Vec<&'static str>) {
        if !columns.is_empty() {
            self.lacking.entry(columns).or_default().push(table.to_owned());
        }
    }

    fn lines(self) -> Vec<String> {
        let mut lines = self.lines;
        lines.sort();
        lines.extend(self.lacking.into_iter().map(|(columns, tables)| {
            format!("no column for {}, so that these have none: {}", columns.join(", "), tables.join(", "))
        }));
        lines
    }
}

/// Names that are each taken once.
#[derive(Debug, Default)]
struct Names(BTreeSet<String>);

impl Names {
    /// The name, or the name with a number where it is taken.
    fn take(&mut self, name: &str) -> String {
        let mut free = name.to_owned();
        let mut number = 2;
        while !self.0.insert(free.clone()) {
            free = format!("{name}{number}");
            number += 1;
        }
        free
    }
}
