//! Tables that the framework did not make: which of their columns are the key, what is read of them, and what is written.
//!
//! Such a table has the types that its owner gave it. On Postgres each value is therefore cast, on its way in and out, to the
//! type that the framework has for the field; SQLite keeps instants in its own form. Nothing numbers the revisions of a row:
//! what is in it is its revision.

use std::fmt::Write as _;

use jiff::{Timestamp, tz::Offset};

use super::{Dialect, Text, quote, quote_text, schema::Kind, statements::Table};
use crate::{
    codec::whole_microseconds,
    descriptor::{ExistingTable, FieldDescriptor, FieldKind, IdKind},
    error::{Error, Fault, Reason},
    store::Record,
    tree::{Node, Tree},
    value::{Row, Value},
};

/// The place in a path of the first id that a table has a column for, and the columns.
pub(super) fn stored_keys(tree: &Tree, node: &Node, dialect: Dialect) -> (usize, Vec<(String, IdKind)>) {
    let mut keys = dialect.keys(tree.key_columns(node.id));
    let Some(existing) = &node.descriptor.existing else { return (0, keys) };
    let from = keys.len().saturating_sub(existing.key.len());
    for ((name, _), column) in keys[from..].iter_mut().zip(existing.key) {
        *name = (*column).to_owned();
    }
    (from, keys)
}

/// The ids of a path as SQL: a column, or what the tables of the resources above say of the row.
pub(super) fn key_expressions(tree: &Tree, node: &Node, dialect: Dialect) -> Vec<String> {
    let (from, keys) = stored_keys(tree, node, dialect);
    let name = table_name(node, dialect);
    let of = |at: usize| match at < from {
        true => above(tree, node, dialect, at, &quote(&name), 0),
        false => quote(&keys[at].0),
    };
    (0..keys.len()).map(of).collect()
}

/// The name of a node's table.
pub(super) fn table_name(node: &Node, dialect: Dialect) -> String {
    match &node.descriptor.existing {
        Some(existing) => existing.name.to_owned(),
        None => dialect.name(&node.table).into_owned(),
    }
}

/// The id at a place of the path, which the row of `qualifier` does not hold: that of its owner's row.
fn above(tree: &Tree, node: &Node, dialect: Dialect, at: usize, qualifier: &str, level: usize) -> String {
    let (from, keys) = stored_keys(tree, node, dialect);
    if at >= from {
        return format!("{qualifier}.{}", quote(&keys[at].0));
    }
    let Some(owner) = node.owner.map(|owner| tree.node(owner)) else { return "NULL".to_owned() };
    let (owner_from, owner_keys) = stored_keys(tree, owner, dialect);
    let alias = quote(&format!("above{level}"));
    let value = above(tree, owner, dialect, at, &alias, level + 1);
    let shared: Vec<String> = (from.max(owner_from)..owner_keys.len())
        .map(|at| format!("{alias}.{} = {qualifier}.{}", quote(&owner_keys[at].0), quote(&keys[at].0)))
        .collect();
    format!(
        "(SELECT {value} FROM {} AS {alias} WHERE {})",
        quote(&table_name(owner, dialect)),
        shared.join(" AND ")
    )
}

/// The cast of a value of the kind, on Postgres.
fn cast(dialect: Dialect, kind: Kind) -> String {
    match (dialect, kind) {
        (Dialect::Sqlite, _) => String::new(),
        (Dialect::Postgres, Kind::Document) => cast(dialect, Kind::Json),
        (Dialect::Postgres, kind) => format!("::{}", dialect.sql_type(kind)),
    }
}

/// The kind that a value is bound as.
fn kind_of(value: &Value) -> Option<Kind> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(_) => Kind::Boolean,
        Value::Integer(_) => Kind::Integer,
        Value::Float(_) => Kind::Real,
        Value::Text(_) => Kind::Text,
        Value::Bytes(_) => Kind::Bytes,
        Value::Uuid(_) => Kind::Uuid,
        Value::Timestamp(_) => Kind::Timestamp,
        Value::Date(_) => Kind::Date,
        Value::Json(_) => Kind::Json,
    })
}

/// `2026-11-21 10:00:00`, the form of SQLite's own functions, with a fraction where there is one.
fn instant(instant: Timestamp) -> String {
    let at = Offset::UTC.to_datetime(whole_microseconds(instant));
    let text = at.strftime("%Y-%m-%d %H:%M:%S").to_string();
    match at.subsec_nanosecond() / 1_000 {
        0 => text,
        micros => format!("{text}.{micros:06}"),
    }
}

/// The form in which an existing table of SQLite holds a value, where it is another one than the framework's.
pub(crate) fn sqlite_form(value: &Value) -> Option<String> {
    match value {
        Value::Timestamp(at) => Some(instant(*at)),
        _ => None,
    }
}

/// Which fields of a row are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    /// All of them.
    #[cfg_attr(not(feature = "postgres"), allow(dead_code, reason = "SQLite compares in its own code"))]
    All,
    /// Those that are written; the others the database may set.
    Written,
}

impl Which {
    /// Whether the field is one of them.
    pub(crate) const fn has(self, field: &FieldDescriptor) -> bool {
        match self {
            Self::All => true,
            Self::Written => !field.output_only,
        }
    }
}

/// A table keeps other values than those that are written, which would be said to be there and are not.
pub(crate) fn changed_by_existing() -> Error {
    let detail = "cannot be kept as it is: the table rounds, pads or cuts one of these values";
    Error::from_faults(vec![Fault::pointer(Reason::InvalidValue, "", detail)])
}

/// A row breaks a rule of an existing table that its declaration does not have.
pub(crate) fn refused_by_existing() -> Error {
    let detail = "is refused by a rule of the table that the declaration does not have, such as a check or a foreign key";
    Error::from_faults(vec![Fault::pointer(Reason::InvalidValue, "", detail)])
}

/// A value of an existing table's row, in the order of its statements.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cell<'a> {
    /// An instant of the framework's.
    Instant(Timestamp),
    /// A caller, where one is known.
    Caller(Option<&'a str>),
    /// The value of a field.
    Field(
        #[cfg_attr(not(feature = "postgres"), allow(dead_code, reason = "only Postgres needs its type"))]
        &'static FieldDescriptor,
        &'a Value,
    ),
    /// A text in a column whose type only the database knows.
    Name(&'static str),
}

impl Table {
    /// The columns that a record is read of, but for its ids.
    pub(super) fn existing_columns(&self, existing: &ExistingTable) -> String {
        let own = self.own_places(existing, true).into_iter().map(|(column, cast)| quote(column) + &cast);
        let columns: Vec<String> = own.chain(self.fields.iter().map(|field| self.field_sql(field))).collect();
        // A table of keys alone still has rows.
        if columns.is_empty() { "1".to_owned() } else { columns.join(", ") }
    }

    /// Appends the condition that a field equals a bound value.
    pub(super) fn push_equal(&self, text: &mut Text, field: &FieldDescriptor) {
        text.push(&self.compared_sql(field)).push(" = ").bind();
        if self.existing.is_some() && field.texts.is_none() {
            text.push(&cast(self.dialect, Kind::of(field.kind)));
        }
    }

    /// What a value is compared with: the column itself where that is possible, which may have an index.
    pub(super) fn compared_sql(&self, field: &FieldDescriptor) -> String {
        match (self.existing, field.kind) {
            (Some(_), FieldKind::Float) => self.field_sql(field),
            _ => self.number(field).unwrap_or_else(|| quote(field.column)),
        }
    }

    /// What is read of a field's column.
    pub(super) fn field_sql(&self, field: &FieldDescriptor) -> String {
        let column = quote(field.column);
        if self.existing.is_none() {
            return column;
        }
        match self.number(field) {
            Some(number) => number,
            // Of a number of fewer digits, its digits count: 0.1 is 0.1, however few bytes it takes.
            None if self.dialect == Dialect::Postgres && matches!(field.kind, FieldKind::Float) => {
                format!("{column}::text{}", cast(self.dialect, Kind::Real))
            }
            None if self.dialect == Dialect::Postgres => {
                format!("{column}{}", cast(self.dialect, Kind::of(field.kind)))
            }
            None => column,
        }
    }

    /// The number of the variant whose text a column holds; -1 for a text that no variant has.
    pub(super) fn number(&self, field: &FieldDescriptor) -> Option<String> {
        let (Some(_), FieldKind::Enum(declared), Some(_)) = (self.existing, field.kind, field.texts) else {
            return None;
        };
        let column = quote(field.column);
        let text = match self.dialect {
            Dialect::Sqlite => column.clone(),
            Dialect::Postgres => format!("{column}::text"),
        };
        let mut sql = format!("CASE WHEN {column} IS NULL THEN NULL");
        for variant in declared.variants {
            if let Some(held) = field.text_of(variant.number) {
                let _ = write!(sql, " WHEN {text} = {} THEN {}", quote_text(held), variant.number);
            }
        }
        sql.push_str(" ELSE -1 END");
        Some(sql)
    }

    /// A column by which rows are ordered, in the order of code points whatever the owner of the table chose.
    pub(super) fn ordered_sql(&self, column: String, is_text: bool) -> String {
        match (self.existing, is_text, self.dialect) {
            (Some(_), true, Dialect::Sqlite) => column + " COLLATE BINARY",
            (Some(_), true, Dialect::Postgres) => column + " COLLATE \"C\"",
            _ => column,
        }
    }

    /// Appends the cast that a value needs that is compared with a column.
    pub(super) fn push_cast(&self, text: &mut Text, value: &Value) {
        if self.existing.is_some()
            && let Some(kind) = kind_of(value)
        {
            text.push(&cast(self.dialect, kind));
        }
    }

    /// Appends the cast of an id.
    pub(super) fn push_key_cast(&self, text: &mut Text, at: usize) {
        if self.existing.is_some()
            && let Some((_, kind)) = self.keys.get(at)
        {
            text.push(&cast(self.dialect, Kind::of_id(*kind)));
        }
    }

    /// What is read of key columns.
    pub(super) fn read_keys(&self, which: std::ops::Range<usize>) -> String {
        let read = which.map(|at| match self.existing {
            Some(_) => format!("{}{}", self.key_sql[at], cast(self.dialect, Kind::of_id(self.keys[at].1))),
            None => self.key_sql[at].clone(),
        });
        read.collect::<Vec<_>>().join(", ")
    }

    /// The columns of the framework that a row has, each with its cast.
    fn own_places(&self, existing: &ExistingTable, created: bool) -> Vec<(&str, String)> {
        let instant = || cast(self.dialect, Kind::Timestamp);
        let caller = || cast(self.dialect, Kind::Text);
        let places = [
            existing.created_at.filter(|_| created).map(|column| (column, instant())),
            existing.created_by.filter(|_| created).map(|column| (column, caller())),
            existing.updated_at.map(|column| (column, instant())),
            existing.updated_by.map(|column| (column, caller())),
        ];
        places.into_iter().flatten().collect()
    }

    /// The fields that are written. The database computes others; and a text that no variant has stays as it is, as a value has
    /// nothing of it but that.
    fn written<'a>(
        &'a self,
        row: Option<&'a Row>,
    ) -> impl Iterator<Item = (usize, &'static FieldDescriptor)> {
        self.fields.iter().enumerate().filter(move |(at, field)| {
            let value = row.and_then(|row| row.0.get(*at));
            let is_unknown = matches!(value, Some(Value::Integer(number)) if field.texts.is_some() && field.text_of(*number).is_none());
            !is_unknown && !self.computed.contains(&field.column)
        })
    }

    /// The columns of written fields, each with its cast.
    fn field_places<'a>(&'a self, row: Option<&'a Row>) -> impl Iterator<Item = (&'a str, String)> {
        self.written(row).map(|(_, field)| match field.texts {
            // A type of the database's own takes a text whose type is left open, and no other.
            Some(_) => (field.column, String::new()),
            None => (field.column, cast(self.dialect, Kind::of(field.kind))),
        })
    }

    /// Adds a row. Binds the ids that the table has columns for, then [`inserted`](Self::inserted).
    pub(super) fn render_insert_existing(&self, existing: &ExistingTable) -> String {
        let keys = self.keys[self.stored_from..].iter();
        let keys = keys.map(|(name, kind)| (name.as_str(), cast(self.dialect, Kind::of_id(*kind))));
        let places: Vec<(&str, String)> =
            keys.chain(self.own_places(existing, true)).chain(self.field_places(None)).collect();
        let mut text = self.start("INSERT INTO ");
        text.push(" (");
        text.join(&places, ", ", |text, (column, _)| {
            text.push(&quote(column));
        });
        // A column that draws its ids always would refuse one that was drawn for it.
        text.push(if self.dialect == Dialect::Postgres {
            ") OVERRIDING SYSTEM VALUE VALUES ("
        } else {
            ") VALUES ("
        });
        text.join(&places, ", ", |text, (_, cast)| {
            text.bind().push(cast);
        });
        text.push(")");
        text.finish()
    }

    /// What a new row holds beside its ids.
    pub(crate) fn inserted<'a>(&self, record: &'a Record) -> Vec<Cell<'a>> {
        let mut cells = Vec::new();
        if let Some(existing) = self.existing {
            cells.extend(existing.created_at.map(|_| Cell::Instant(record.created_at)));
            cells.extend(existing.created_by.map(|_| Cell::Caller(record.created_by.as_deref())));
        }
        self.push_updated(&mut cells, record, None);
        cells
    }

    /// Changes a row to what `record` says. Binds [`updated`](Self::updated), then the key.
    pub(crate) fn render_update_existing(&self, existing: &ExistingTable, record: &Record) -> String {
        let places: Vec<(&str, String)> = self
            .own_places(existing, false)
            .into_iter()
            .chain(self.field_places(Some(&record.row)))
            .collect();
        let mut text = self.start("UPDATE ");
        text.push(" SET ");
        text.join(&places, ", ", |text, (column, cast)| {
            text.push(&quote(column)).push(" = ").bind().push(cast);
        });
        if let ([], Some((key, _))) = (places.as_slice(), self.keys.last()) {
            text.push(&quote(key)).push(" = ").push(&quote(key));
        }
        text.push(" WHERE ");
        self.whole_key(&mut text);
        text.finish()
    }

    /// What a changed row holds.
    pub(crate) fn updated<'a>(&self, record: &'a Record) -> Vec<Cell<'a>> {
        let mut cells = Vec::new();
        self.push_updated(&mut cells, record, Some(&record.row));
        cells
    }

    fn push_updated<'a>(&self, cells: &mut Vec<Cell<'a>>, record: &'a Record, row: Option<&Row>) {
        if let Some(existing) = self.existing {
            cells.extend(existing.updated_at.map(|_| Cell::Instant(record.updated_at)));
            cells.extend(existing.updated_by.map(|_| Cell::Caller(record.updated_by.as_deref())));
        }
        cells.extend(self.written(row).map(|(at, field)| {
            let value = &record.row.0[at];
            let number = if let Value::Integer(number) = value { Some(*number) } else { None };
            number.and_then(|number| field.text_of(number)).map_or(Cell::Field(field, value), Cell::Name)
        }));
    }

    /// Gives the next number of the sequence that the ids of an existing table come from, or one after the greatest id where they
    /// come from none.
    #[cfg(feature = "postgres")]
    pub(crate) fn next_id(&self) -> Option<String> {
        let greatest = self.greatest_id()?;
        let (column, _) = self.keys.last()?;
        let sequence =
            format!("pg_get_serial_sequence({}, {})", quote_text(&quote(&self.name)), quote_text(column));
        Some(format!("SELECT coalesce(nextval({sequence}), ({greatest}) + 1)::bigint"))
    }

    /// Gives the greatest id of an existing table, or 0.
    pub(crate) fn greatest_id(&self) -> Option<String> {
        self.existing?;
        let (column, _) = self.keys.last()?;
        Some(format!("SELECT coalesce(max({}), 0) FROM {}", quote(column), quote(&self.name)))
    }

    /// Demands that a row holds what a record says. Binds [`held`](Self::held).
    #[cfg(feature = "postgres")]
    pub(super) fn push_held(&self, text: &mut Text, record: &Record, which: Which) {
        for (field, value) in self.fields.iter().zip(&record.row.0).filter(|(field, _)| which.has(field)) {
            let column = self.field_sql(field);
            text.push(" AND ").push(&column);
            if value.is_null() {
                text.push(" IS NULL");
            } else {
                text.push(" = ").bind();
                self.push_cast(text, value);
            }
        }
    }

    /// The values that [`push_held`](Self::push_held) binds.
    #[cfg(feature = "postgres")]
    pub(crate) fn held<'a>(
        &self,
        record: &'a Record,
        which: Which,
    ) -> impl Iterator<Item = (FieldKind, &'a Value)> + use<'a, '_> {
        let values = self.fields.iter().zip(&record.row.0).filter(move |(field, _)| which.has(field));
        values.map(|(field, value)| (field.kind, value)).filter(|(_, value)| !value.is_null())
    }
}
