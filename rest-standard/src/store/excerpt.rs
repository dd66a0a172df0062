//! Rows of which only some columns were read.
//!
//! A [`Record`] is always whole: rules, plans and caches take nothing else. What a client selects is read as an
//! [`Excerpt`], which gives no record back unless it is whole and no value that was not read.

use std::sync::Arc;

use jiff::Timestamp;

use super::{Column, Deletion, Record};
use crate::value::{Path, Value};

/// How much of each row is read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Extent {
    /// All of it.
    #[default]
    Whole,
    /// The path, the revision and these columns, sorted and each once.
    Only(Arc<[Column]>),
}

impl Extent {
    /// The path, the revision and `columns`.
    #[must_use]
    pub fn only(columns: impl IntoIterator<Item = Column>) -> Self {
        let mut columns: Vec<Column> = columns.into_iter().collect();
        columns.sort_unstable();
        columns.dedup();
        Self::Only(columns.into())
    }

    /// Whether the column is read. The ids of the path always are.
    #[must_use]
    pub fn has(&self, column: Column) -> bool {
        match self {
            Self::Whole => true,
            Self::Only(columns) => {
                matches!(column, Column::Id | Column::Above(_)) || columns.binary_search(&column).is_ok()
            }
        }
    }

    /// About how many bytes the part of the record takes in memory that is read.
    #[must_use]
    pub fn size(&self, record: &Record) -> usize {
        match self {
            Self::Whole => record.size(),
            Self::Only(columns) => record.size_of(columns.iter().filter_map(|column| match column {
                Column::Field(index) => record.row.0.get(*index),
                _ => None,
            })),
        }
    }
}

/// A stored resource, as much of it as was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Excerpt {
    /// What was not read holds a value that means nothing.
    record: Arc<Record>,
    extent: Extent,
}

impl From<Arc<Record>> for Excerpt {
    fn from(record: Arc<Record>) -> Self {
        Self { record, extent: Extent::Whole }
    }
}

impl Excerpt {
    /// The part of a record that `extent` names. What else is in the record means nothing, and nobody sees it.
    #[must_use]
    pub fn new(record: Arc<Record>, extent: Extent) -> Self {
        Self { record, extent }
    }

    /// The ids that lead to it.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.record.path
    }

    /// The revision, from which the entity tag is derived.
    #[must_use]
    pub fn revision(&self) -> i64 {
        self.record.revision
    }

    /// How large what was read is, by [`Extent::size`].
    #[must_use]
    pub fn size(&self) -> usize {
        self.extent.size(&self.record)
    }

    /// The record, where all of it was read.
    #[must_use]
    pub fn whole(&self) -> Option<&Arc<Record>> {
        (self.extent == Extent::Whole).then_some(&self.record)
    }

    /// The value of the field at `index`, where it was read.
    #[must_use]
    pub fn field(&self, index: usize) -> Option<&Value> {
        self.extent.has(Column::Field(index)).then(|| self.record.row.0.get(index))?
    }

    /// The value of a column, where it was read.
    #[must_use]
    pub fn value(&self, column: Column) -> Option<Value> {
        self.extent.has(column).then(|| column.value(&self.record))
    }

    /// When it was created, where that was read.
    #[must_use]
    pub fn created_at(&self) -> Option<Timestamp> {
        self.extent.has(Column::CreatedAt).then_some(self.record.created_at)
    }

    /// That it was soft-deleted, which is read of every row that can be.
    #[must_use]
    pub fn deletion(&self) -> Option<&Deletion> {
        self.record.deletion.as_deref()
    }

    /// When it was last changed, where that was read.
    #[must_use]
    pub fn updated_at(&self) -> Option<Timestamp> {
        self.extent.has(Column::UpdatedAt).then_some(self.record.updated_at)
    }

    /// Who created it; absent for an anonymous caller, and where that was not read.
    #[must_use]
    pub fn created_by(&self) -> Option<&str> {
        self.extent.has(Column::CreatedBy).then_some(self.record.created_by.as_deref())?
    }

    /// Who last changed it; absent for an anonymous caller, and where that was not read.
    #[must_use]
    pub fn updated_by(&self) -> Option<&str> {
        self.extent.has(Column::UpdatedBy).then_some(self.record.updated_by.as_deref())?
    }
}
