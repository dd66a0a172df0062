//! The order of values that every store keeps: what `$orderBy` sorts by and a page cursor continues from.

use std::cmp::Ordering;

use crate::{
    store::{Column, Record},
    value::Value,
};

/// Compares two values of one column: null lowest, false before true, text by code point, a JSON value by its text.
///
/// The order agrees with `==`, so zero and negative zero are the same. Values of different kinds, which no column
/// holds, are ordered by kind, so that the order is total.
pub(super) fn compare(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Integer(a), Value::Integer(b)) => a.cmp(b),
        (Value::Float(a), Value::Float(b)) => a.partial_cmp(b).unwrap_or_else(|| a.total_cmp(b)),
        (Value::Text(a), Value::Text(b)) => a.cmp(b),
        (Value::Bytes(a), Value::Bytes(b)) => a.cmp(b),
        (Value::Uuid(a), Value::Uuid(b)) => a.cmp(b),
        (Value::Timestamp(a), Value::Timestamp(b)) => a.cmp(b),
        (Value::Date(a), Value::Date(b)) => a.cmp(b),
        (Value::Json(a), Value::Json(b)) => a.to_string().cmp(&b.to_string()),
        _ => kind(a).cmp(&kind(b)),
    }
}

fn kind(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Integer(_) => 2,
        Value::Float(_) => 3,
        Value::Text(_) => 4,
        Value::Bytes(_) => 5,
        Value::Uuid(_) => 6,
        Value::Timestamp(_) => 7,
        Value::Date(_) => 8,
        Value::Json(_) => 9,
    }
}

/// Compares one column of two records without copying values.
pub(super) fn compare_column(column: Column, a: &Record, b: &Record) -> Ordering {
    match column {
        Column::Field(index) => compare(field(a, index), field(b, index)),
        Column::Id => a.path.id().cmp(&b.path.id()),
        Column::Above(index) => a.path.0.get(index).cmp(&b.path.0.get(index)),
        Column::CreatedAt => a.created_at.cmp(&b.created_at),
        Column::CreatedBy => a.created_by.cmp(&b.created_by),
        Column::UpdatedAt => a.updated_at.cmp(&b.updated_at),
        Column::UpdatedBy => a.updated_by.cmp(&b.updated_by),
        Column::DeletedAt | Column::DeletedBy | Column::PurgeAt => {
            compare(&column.value(a), &column.value(b))
        }
    }
}

/// Compares one column of a record with a value.
pub(super) fn compare_value(column: Column, record: &Record, value: &Value) -> Ordering {
    match column {
        Column::Field(index) => compare(field(record, index), value),
        _ => compare(&column.value(record), value),
    }
}

fn field(record: &Record, index: usize) -> &Value {
    record.row.0.get(index).unwrap_or(&Value::Null)
}

/// A value as the key of a map.
#[derive(Clone, Debug)]
pub(super) struct Key(pub(super) Value);

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Key {}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        compare(&self.0, &other.0)
    }
}
