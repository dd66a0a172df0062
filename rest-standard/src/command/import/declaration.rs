//! What is declared: the data that the decisions are written into, and that text is made of.

use crate::{descriptor::IdKind, store::sql::schema::Found};

/// A resource that a table becomes.
#[derive(Debug)]
pub(super) struct Entity {
    /// The name of the struct.
    pub(super) name: String,
    /// The table, as the database writes it.
    pub(super) table: String,
    /// The path segment.
    pub(super) segment: String,
    pub(super) is_singleton: bool,
    /// The singular of the segment, where the rules of English would not find it.
    pub(super) singular: Option<String>,
    pub(super) id: IdKind,
    /// The name of the parent's struct.
    pub(super) parent: Option<String>,
    /// The columns of the last ids of a path; none for a table of the framework's form.
    pub(super) key: Option<Vec<String>>,
    /// `created_at` and the like, with their columns.
    pub(super) mapped: Vec<(&'static str, String)>,
    /// Words of the attribute, such as `methods(list, read)` and `changes`.
    pub(super) words: Vec<String>,
    pub(super) fields: Vec<Field>,
    pub(super) enums: Vec<Enumeration>,
}

/// A field of a struct.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) column: String,
    pub(super) ty: String,
    pub(super) is_optional: bool,
    /// The struct of the resource that it refers to.
    pub(super) reference: Option<String>,
    /// The options of `#[field(…)]`, but for the column and the reference.
    pub(super) options: Vec<String>,
}

/// An enum that a check, or a type of the database's own, stands for.
#[derive(Debug)]
pub(super) struct Enumeration {
    pub(super) name: String,
    /// What the enum is of.
    pub(super) doc: String,
    /// Each variant's name, number and text.
    pub(super) variants: Vec<(String, i64, String)>,
}

/// A table on its way to become a resource.
pub(super) struct Draft<'s> {
    pub(super) found: &'s Found,
    pub(super) name: String,
    pub(super) segment: String,
    /// The primary key's columns, or what stands for one.
    pub(super) key: Vec<String>,
    pub(super) id: IdKind,
    /// The table that its rows belong to.
    pub(super) parent: Option<String>,
}
