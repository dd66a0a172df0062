//! Values to SQLite's five types and back.

use jiff::Timestamp;
use rusqlite::{
    Row as SqliteRow, Statement,
    types::{ToSqlOutput, ValueRef},
};
use uuid::Uuid;

use crate::{
    codec::{parse_uuid, whole_microseconds},
    descriptor::{FieldDescriptor, FieldKind, IdKind},
    error::{Error, Result},
    store::{
        Record,
        sql::{
            existing::{Cell, sqlite_form},
            record,
            render::Bind,
            time,
        },
    },
    value::{Id, Path, Value},
};

/// Binds the values of a statement one after the other.
pub(super) struct Binder<'a, 'connection> {
    statement: &'a mut Statement<'connection>,
    bound: usize,
}

type Bound = rusqlite::Result<()>;

impl<'a, 'connection> Binder<'a, 'connection> {
    pub(super) fn new(statement: &'a mut Statement<'connection>) -> Self {
        Self { statement, bound: 0 }
    }

    fn put(&mut self, value: ValueRef<'_>) -> Bound {
        self.bound += 1;
        self.statement.raw_bind_parameter(self.bound, ToSqlOutput::Borrowed(value))
    }

    pub(super) fn integer(&mut self, value: i64) -> Bound {
        self.put(ValueRef::Integer(value))
    }

    pub(super) fn text(&mut self, value: &str) -> Bound {
        self.put(ValueRef::Text(value.as_bytes()))
    }

    pub(super) fn optional_text(&mut self, value: Option<&str>) -> Bound {
        self.put(value.map_or(ValueRef::Null, |text| ValueRef::Text(text.as_bytes())))
    }

    pub(super) fn bytes(&mut self, value: &[u8]) -> Bound {
        self.put(ValueRef::Blob(value))
    }

    pub(super) fn timestamp(&mut self, value: Timestamp) -> Bound {
        self.text(&time::to_text(value))
    }

    /// The three columns of a row that can be soft-deleted.
    pub(super) fn deletion(&mut self, record: &Record) -> Bound {
        match &record.deletion {
            Some(deletion) => {
                self.timestamp(deletion.at)?;
                self.optional_text(deletion.by.as_deref())?;
                self.timestamp(deletion.purge_at)
            }
            None => (0..3).try_for_each(|_| self.put(ValueRef::Null)),
        }
    }

    fn uuid(&mut self, value: Uuid) -> Bound {
        self.text(value.hyphenated().encode_lower(&mut Uuid::encode_buffer()))
    }

    pub(super) fn id(&mut self, id: &Id) -> Bound {
        match id {
            Id::Integer(id) => self.integer(*id),
            Id::Uuid(id) => self.uuid(*id),
            Id::Slug(id) => self.text(id),
        }
    }

    pub(super) fn key(&mut self, path: &Path) -> Bound {
        self.ids(&path.0)
    }

    pub(super) fn ids(&mut self, ids: &[Id]) -> Bound {
        ids.iter().try_for_each(|id| self.id(id))
    }

    pub(super) fn value(&mut self, value: &Value) -> Bound {
        match value {
            Value::Null => self.put(ValueRef::Null),
            Value::Bool(value) => self.integer(i64::from(*value)),
            Value::Integer(value) => self.integer(*value),
            Value::Float(value) => self.put(ValueRef::Real(*value)),
            Value::Text(value) => self.text(value),
            Value::Bytes(value) => self.bytes(value),
            Value::Uuid(value) => self.uuid(*value),
            Value::Timestamp(value) => self.timestamp(*value),
            Value::Date(value) => self.text(&value.to_string()),
            Value::Json(value) => self.text(&value.to_string()),
        }
    }

    /// A value of an existing table's row.
    pub(super) fn cell(&mut self, cell: &Cell<'_>) -> Bound {
        match cell {
            Cell::Instant(at) => self.held(&Value::Timestamp(*at)),
            Cell::Caller(caller) => self.optional_text(*caller),
            Cell::Name(name) => self.text(name),
            Cell::Field(_, value) => self.held(value),
        }
    }

    /// A value in the form of existing tables.
    pub(super) fn held(&mut self, value: &Value) -> Bound {
        match sqlite_form(value) {
            Some(text) => self.text(&text),
            None => self.value(value),
        }
    }

    pub(super) fn all(&mut self, binds: &[Bind<'_>]) -> Bound {
        binds.iter().try_for_each(|bind| match bind {
            Bind::Id(id) => self.id(id),
            Bind::Value(value) => self.value(value),
            Bind::Text(text) => self.text(text),
            Bind::Integer(value) => self.integer(*value),
        })
    }
}

/// Reads the columns of a row one after the other.
pub(super) struct Columns<'a> {
    row: &'a SqliteRow<'a>,
    next: usize,
    /// The text of the instant that was read last: what was never changed has the same one twice.
    last_instant: Option<(&'a str, Timestamp)>,
}

impl<'a> Columns<'a> {
    pub(super) fn new(row: &'a SqliteRow<'a>) -> Self {
        Self { row, next: 0, last_instant: None }
    }

    fn take(&mut self) -> Result<ValueRef<'a>> {
        self.next += 1;
        self.row.get_ref(self.next - 1).map_err(super::failure::error)
    }

    fn misfit(&self, wanted: &str) -> Error {
        let column = self.row.as_ref().column_name(self.next - 1).unwrap_or("?").to_owned();
        Error::internal(format!("the stored value of the column `{column}` is not {wanted}"))
    }

    pub(super) fn optional_integer(&mut self) -> Result<Option<i64>> {
        match self.take()? {
            ValueRef::Null => Ok(None),
            ValueRef::Integer(value) => Ok(Some(value)),
            _ => Err(self.misfit("an integer")),
        }
    }

    pub(super) fn text(&mut self) -> Result<&'a str> {
        self.borrowed_text()?.ok_or_else(|| self.misfit("text"))
    }

    pub(super) fn borrowed_text(&mut self) -> Result<Option<&'a str>> {
        match self.take()? {
            ValueRef::Null => Ok(None),
            ValueRef::Text(text) => match std::str::from_utf8(text) {
                Ok(text) => Ok(Some(text)),
                Err(_) => Err(self.misfit("UTF-8")),
            },
            _ => Err(self.misfit("text")),
        }
    }

    pub(super) fn bytes(&mut self) -> Result<&'a [u8]> {
        match self.take()? {
            ValueRef::Blob(value) => Ok(value),
            _ => Err(self.misfit("a blob")),
        }
    }

    fn instant(&mut self, text: &'a str) -> Result<Timestamp> {
        if let Some((last, instant)) = self.last_instant
            && last == text
        {
            return Ok(instant);
        }
        let instant = time::from_text(text).ok_or_else(|| self.misfit("an instant"))?;
        self.last_instant = Some((text, instant));
        Ok(instant)
    }

    fn uuid(&mut self) -> Result<Uuid> {
        let text = self.text()?;
        parse_uuid(text).ok_or_else(|| self.misfit("a UUID"))
    }
}

impl record::Columns for Columns<'_> {
    fn integer(&mut self) -> Result<i64> {
        match self.take()? {
            ValueRef::Integer(value) => Ok(value),
            _ => Err(self.misfit("an integer")),
        }
    }

    fn optional_text(&mut self) -> Result<Option<String>> {
        Ok(self.borrowed_text()?.map(str::to_owned))
    }

    fn optional_timestamp(&mut self) -> Result<Option<Timestamp>> {
        self.borrowed_text()?.map(|text| self.instant(text)).transpose()
    }

    fn timestamp(&mut self) -> Result<Timestamp> {
        let text = self.text()?;
        self.instant(text)
    }

    fn id(&mut self, kind: IdKind) -> Result<Id> {
        Ok(match kind {
            IdKind::Integer => Id::Integer(self.integer()?),
            IdKind::Uuid => Id::Uuid(self.uuid()?),
            IdKind::Slug | IdKind::Text => Id::Slug(self.text()?.to_owned()),
        })
    }

    fn value(&mut self, field: &FieldDescriptor) -> Result<Value> {
        if matches!(self.row.get_ref(self.next), Ok(ValueRef::Null)) {
            self.next += 1;
            return Ok(Value::Null);
        }
        Ok(match field.kind {
            FieldKind::Text => match self.take()? {
                ValueRef::Text(text) => {
                    let text = std::str::from_utf8(text).map_err(|_| self.misfit("UTF-8"))?;
                    Value::Text(text.to_owned())
                }
                // A column of an existing table may hold numbers among texts.
                ValueRef::Integer(value) => Value::Text(value.to_string()),
                ValueRef::Real(value) => Value::Text(value.to_string()),
                _ => return Err(self.misfit("text")),
            },
            FieldKind::Bool => Value::Bool(self.integer()? != 0),
            FieldKind::Integer { .. } | FieldKind::Enum(_) => Value::Integer(self.integer()?),
            FieldKind::Float => match self.take()? {
                ValueRef::Real(value) => Value::Float(value),
                // As a column of an existing table holds whole numbers.
                ValueRef::Integer(value) => Value::Float(value as f64),
                _ => return Err(self.misfit("a floating-point number")),
            },
            FieldKind::Uuid => Value::Uuid(self.uuid()?),
            FieldKind::Timestamp => Value::Timestamp(self.timestamp()?),
            FieldKind::Date => {
                let text = self.text()?;
                Value::Date(text.parse().map_err(|_| self.misfit("a date"))?)
            }
            FieldKind::Bytes => Value::Bytes(self.bytes()?.to_vec()),
            FieldKind::List(_)
            | FieldKind::Map(_)
            | FieldKind::Object(_)
            | FieldKind::Foreign(_)
            | FieldKind::Json => {
                let text = self.text()?;
                Value::Json(serde_json::from_str(text).map_err(|_| self.misfit("JSON"))?)
            }
        })
    }
}

/// A value as it comes back after it was stored, which a cache must give as well.
pub(super) fn stored_form(value: &mut Value) {
    match value {
        Value::Timestamp(instant) => *instant = whole_microseconds(*instant),
        // SQLite keeps whole numbers in a column of floats as integers, which have no negative zero.
        Value::Float(number) if *number == 0.0 => *number = 0.0,
        _ => {}
    }
}
