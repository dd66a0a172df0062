//! A row of a table as a record, whichever driver reads its columns.

use jiff::Timestamp;

use super::{render::open_keys, statements::Table};
use crate::{
    descriptor::{ExistingTable, FieldDescriptor, IdKind},
    error::Result,
    store::{Column, Deletion, Extent, Record, Scan, Scope, content_revision},
    value::{Id, Path, Row, Value},
};

/// The columns of a row, read one after the other.
pub(crate) trait Columns {
    /// A number that is never null.
    fn integer(&mut self) -> Result<i64>;

    /// A text.
    fn optional_text(&mut self) -> Result<Option<String>>;

    /// An instant.
    fn optional_timestamp(&mut self) -> Result<Option<Timestamp>>;

    /// An instant that is never null.
    fn timestamp(&mut self) -> Result<Timestamp>;

    /// An id of the kind.
    fn id(&mut self, kind: IdKind) -> Result<Id>;

    /// The value of a field.
    fn value(&mut self, field: &FieldDescriptor) -> Result<Value>;
}

/// Reads the key of a row.
pub(crate) fn key(table: &Table, columns: &mut impl Columns) -> Result<Path> {
    Ok(Path(table.keys.iter().map(|(_, kind)| columns.id(*kind)).collect::<Result<_>>()?))
}

/// Reads the columns that [`Table::columns`] names; what is not read is left at a value that means nothing.
pub(crate) fn record(
    table: &Table,
    path: Path,
    extent: &Extent,
    columns: &mut impl Columns,
) -> Result<Record> {
    if let Some(existing) = table.existing {
        return existing_record(table, existing, path, columns);
    }
    let has = |column| extent.has(column);
    let is_both = table.is_log;
    let mut created_at = Timestamp::UNIX_EPOCH;
    if has(Column::CreatedAt) || (is_both && has(Column::UpdatedAt)) {
        created_at = columns.timestamp()?;
    }
    let mut created_by = None;
    if has(Column::CreatedBy) || (is_both && has(Column::UpdatedBy)) {
        created_by = columns.optional_text()?;
    }
    let mut record = if table.is_log {
        let incarnation = columns.integer()?;
        let id = match path.id() {
            Some(Id::Integer(id)) => *id,
            _ => 0,
        };
        Record {
            path,
            revision: incarnation.wrapping_add(id),
            incarnation,
            change_count: 0,
            created_at,
            created_by: created_by.clone(),
            updated_at: created_at,
            updated_by: created_by,
            deletion: None,
            row: Row::default(),
        }
    } else {
        let whole = *extent == Extent::Whole;
        Record {
            path,
            created_at,
            created_by,
            updated_at: if has(Column::UpdatedAt) { columns.timestamp()? } else { created_at },
            updated_by: if has(Column::UpdatedBy) { columns.optional_text()? } else { None },
            revision: columns.integer()?,
            incarnation: if whole { columns.integer()? } else { 0 },
            change_count: if whole { columns.integer()? } else { 0 },
            deletion: if table.is_soft { deletion(columns)? } else { None },
            row: Row::default(),
        }
    };
    let value = |(index, field)| match has(Column::Field(index)) {
        true => columns.value(field),
        false => Ok(Value::Null),
    };
    record.row.0 = table.fields.iter().enumerate().map(value).collect::<Result<_>>()?;
    Ok(record)
}

/// Reads a row of an existing table; when it was created where nobody knows means nothing, and nobody sees it.
fn existing_record(
    table: &Table,
    existing: &ExistingTable,
    path: Path,
    columns: &mut impl Columns,
) -> Result<Record> {
    let mut created_at = Timestamp::UNIX_EPOCH;
    if existing.created_at.is_some() {
        created_at = columns.timestamp()?;
    }
    let created_by = existing.created_by.map_or(Ok(None), |_| columns.optional_text())?;
    let updated_at = existing.updated_at.map_or(Ok(created_at), |_| columns.timestamp())?;
    let updated_by = existing.updated_by.map_or(Ok(None), |_| columns.optional_text())?;
    let row = Row(table.fields.iter().map(|field| columns.value(field)).collect::<Result<_>>()?);
    Ok(Record {
        path,
        revision: content_revision(&row),
        incarnation: 0,
        change_count: 0,
        created_at,
        created_by,
        updated_at,
        updated_by,
        deletion: None,
        row,
    })
}

/// Reads a row of a scan: the ids that its scope leaves open, then the record.
pub(crate) fn listed(
    table: &Table,
    scan: &Scan,
    extent: &Extent,
    columns: &mut impl Columns,
) -> Result<Record> {
    let (Scope::Below(parent) | Scope::Across(parent) | Scope::Changes(parent, _)) = &scan.scope;
    let mut path = Vec::with_capacity(table.keys.len());
    path.extend_from_slice(&parent.0);
    for (_, kind) in &table.keys[open_keys(table, &scan.scope)] {
        path.push(columns.id(*kind)?);
    }
    record(table, Path(path), extent, columns)
}

fn deletion(columns: &mut impl Columns) -> Result<Option<Box<Deletion>>> {
    let at = columns.optional_timestamp()?;
    let by = columns.optional_text()?;
    let purge_at = columns.optional_timestamp()?;
    let whole = at.zip(purge_at);
    Ok(whole.map(|(at, purge_at)| Box::new(Deletion { at, by, purge_at })))
}
