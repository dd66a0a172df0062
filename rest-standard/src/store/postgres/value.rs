//! Values to Postgres' binary forms and back.

use bytes::{BufMut as _, BytesMut};
use jiff::{Timestamp, civil::Date};
use serde_json::Value as Json;
use tokio_postgres::{
    Row,
    types::{FromSql, IsNull, ToSql, Type, to_sql_checked},
};
use uuid::Uuid;

use crate::{
    codec::whole_microseconds,
    descriptor::{FieldDescriptor, FieldKind, IdKind},
    error::{Error, Result},
    store::sql::{existing::Cell, record, render::Bind, schema::Kind},
    value::{Id, Path, Value},
};

/// The microseconds from 1970 to 2000, from which Postgres counts.
const EPOCH: i64 = 946_684_800_000_000;
/// The day from which Postgres counts.
const FIRST_DAY: Date = jiff::civil::date(2000, 1, 1);

/// A bound value. Its type is its own, so that a statement can be sent without asking for the types of its parameters.
#[derive(Clone, Debug)]
pub(super) enum Param<'a> {
    Null,
    Bool(bool),
    Integer(i64),
    Float(f64),
    Text(&'a str),
    Owned(String),
    /// A text in a place whose type only the database knows.
    Name(&'a str),
    Texts(Vec<String>),
    Bytes(&'a [u8]),
    Uuid(Uuid),
    Timestamp(Timestamp),
    Date(Date),
    /// JSON in a column of this kind.
    Json(&'a Json, Kind),
}

impl<'a> Param<'a> {
    pub(super) fn optional(text: Option<&'a str>) -> Self {
        text.map_or(Self::Null, Self::Text)
    }

    pub(super) fn id(id: &'a Id) -> Self {
        match id {
            Id::Integer(id) => Self::Integer(*id),
            Id::Uuid(id) => Self::Uuid(*id),
            Id::Slug(id) => Self::Text(id),
        }
    }

    pub(super) fn key(path: &'a Path) -> impl Iterator<Item = Self> {
        path.0.iter().map(Self::id)
    }

    /// The value of a field of this kind.
    pub(super) fn field(kind: FieldKind, value: &'a Value) -> Self {
        match value {
            Value::Json(value) => Self::Json(value, Kind::of(kind)),
            value => Self::plain(value),
        }
    }

    /// A value of an existing table's row.
    pub(super) fn cell(cell: Cell<'a>) -> Self {
        match cell {
            Cell::Instant(at) => Self::Timestamp(at),
            Cell::Caller(caller) => Self::optional(caller),
            Cell::Name(name) => Self::Name(name),
            Cell::Field(field, value) => Self::field(field.kind, value),
        }
    }

    fn plain(value: &'a Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Integer(value) => Self::Integer(*value),
            Value::Float(value) => Self::Float(*value),
            Value::Text(value) => Self::Text(value),
            Value::Bytes(value) => Self::Bytes(value),
            Value::Uuid(value) => Self::Uuid(*value),
            Value::Timestamp(value) => Self::Timestamp(*value),
            Value::Date(value) => Self::Date(*value),
            Value::Json(value) => Self::Json(value, Kind::Json),
        }
    }

    pub(super) fn bind(bind: &'a Bind<'a>) -> Self {
        match bind {
            Bind::Id(id) => Self::id(id),
            Bind::Value(Value::Text(text)) | Bind::Text(text) => Self::compared(text),
            Bind::Value(value) => Self::plain(value),
            Bind::Integer(value) => Self::Integer(*value),
        }
    }

    /// A text that stored ones are compared with. Postgres takes no U+0000; no stored text has it or the character after it, so that
    /// that stands in the same place.
    fn compared(text: &'a str) -> Self {
        match text.contains('\0') {
            true => Self::Owned(text.replace('\0', "\u{1}")),
            false => Self::Text(text),
        }
    }

    /// The type that the value has by itself; null has that of its place.
    pub(super) fn own_type(&self) -> Type {
        match self {
            Self::Null | Self::Name(_) => Type::UNKNOWN,
            Self::Bool(_) => Type::BOOL,
            Self::Integer(_) => Type::INT8,
            Self::Float(_) => Type::FLOAT8,
            Self::Text(_) | Self::Owned(_) => Type::TEXT,
            Self::Texts(_) => Type::TEXT_ARRAY,
            Self::Bytes(_) => Type::BYTEA,
            Self::Uuid(_) => Type::UUID,
            Self::Timestamp(_) => Type::TIMESTAMPTZ,
            Self::Date(_) => Type::DATE,
            Self::Json(_, Kind::Document) => Type::JSON,
            Self::Json(..) => Type::JSONB,
        }
    }
}

type Failure = Box<dyn std::error::Error + Sync + Send>;

impl ToSql for Param<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        match self {
            Self::Null => return Ok(IsNull::Yes),
            Self::Bool(value) => out.put_u8(u8::from(*value)),
            Self::Integer(value) => match *ty {
                Type::INT2 => out.put_i16(i16::try_from(*value)?),
                Type::INT4 => out.put_i32(i32::try_from(*value)?),
                _ => out.put_i64(*value),
            },
            Self::Float(value) => out.put_f64(*value),
            Self::Text(value) | Self::Name(value) => out.put_slice(value.as_bytes()),
            Self::Owned(value) => out.put_slice(value.as_bytes()),
            Self::Texts(values) => return values.to_sql(ty, out),
            Self::Bytes(value) => out.put_slice(value),
            Self::Uuid(value) => out.put_slice(value.as_bytes()),
            Self::Timestamp(value) => out.put_i64(whole_microseconds(*value).as_microsecond() - EPOCH),
            Self::Date(value) => out.put_i32(FIRST_DAY.until(*value)?.get_days()),
            Self::Json(value, _) => {
                if *ty == Type::JSONB {
                    // The version of the form.
                    out.put_u8(1);
                }
                serde_json::to_writer(out.writer(), value)?;
            }
        }
        Ok(IsNull::No)
    }

    /// A statement gives each place the type of its column.
    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// Reads the columns of a row one after the other.
pub(super) struct Columns<'a> {
    row: &'a Row,
    next: usize,
}

impl<'a> Columns<'a> {
    pub(super) fn new(row: &'a Row) -> Self {
        Self { row, next: 0 }
    }

    fn take<T: FromSql<'a>>(&mut self) -> Result<T> {
        self.next += 1;
        self.row.try_get(self.next - 1).map_err(|failure| {
            let column = self.row.columns().get(self.next - 1).map_or("?", |column| column.name());
            Error::internal(format!("the stored value of the column `{column}` cannot be read: {failure}"))
        })
    }

    fn required<T: FromSql<'a>>(&mut self) -> Result<T> {
        self.take()
    }

    pub(super) fn bytes(&mut self) -> Result<&'a [u8]> {
        self.required()
    }

    pub(super) fn text(&mut self) -> Result<&'a str> {
        self.required()
    }

    pub(super) fn borrowed_text(&mut self) -> Result<Option<&'a str>> {
        self.take()
    }

    pub(super) fn boolean(&mut self) -> Result<bool> {
        self.required()
    }

    pub(super) fn optional_integer(&mut self) -> Result<Option<i64>> {
        Ok(self.take::<Option<Number>>()?.map(|number| number.0))
    }
}

impl record::Columns for Columns<'_> {
    fn integer(&mut self) -> Result<i64> {
        Ok(self.required::<Number>()?.0)
    }

    fn optional_text(&mut self) -> Result<Option<String>> {
        self.take()
    }

    fn optional_timestamp(&mut self) -> Result<Option<Timestamp>> {
        Ok(self.take::<Option<Instant>>()?.map(|instant| instant.0))
    }

    fn timestamp(&mut self) -> Result<Timestamp> {
        Ok(self.required::<Instant>()?.0)
    }

    fn id(&mut self, kind: IdKind) -> Result<Id> {
        Ok(match kind {
            IdKind::Integer => Id::Integer(self.required::<Number>()?.0),
            IdKind::Uuid => Id::Uuid(self.required()?),
            IdKind::Slug | IdKind::Text => Id::Slug(self.required()?),
        })
    }

    fn value(&mut self, field: &FieldDescriptor) -> Result<Value> {
        Ok(match field.kind {
            FieldKind::Text => self.take::<Option<String>>()?.map_or(Value::Null, Value::Text),
            FieldKind::Bool => self.take::<Option<bool>>()?.map_or(Value::Null, Value::Bool),
            FieldKind::Integer { .. } | FieldKind::Enum(_) => {
                self.optional_integer()?.map_or(Value::Null, Value::Integer)
            }
            FieldKind::Float => self.take::<Option<f64>>()?.map_or(Value::Null, Value::Float),
            FieldKind::Uuid => self.take::<Option<Uuid>>()?.map_or(Value::Null, Value::Uuid),
            FieldKind::Timestamp => {
                self.take::<Option<Instant>>()?.map_or(Value::Null, |instant| Value::Timestamp(instant.0))
            }
            FieldKind::Date => self.take::<Option<Day>>()?.map_or(Value::Null, |day| Value::Date(day.0)),
            FieldKind::Bytes => self.take::<Option<Vec<u8>>>()?.map_or(Value::Null, Value::Bytes),
            kind @ (FieldKind::List(_)
            | FieldKind::Map(_)
            | FieldKind::Object(_)
            | FieldKind::Foreign(_)
            | FieldKind::Json) => match self.take::<Option<Document>>()? {
                Some(Document(mut value)) => {
                    keep_floats(kind, &mut value);
                    Value::Json(value)
                }
                None => Value::Null,
            },
        })
    }
}

/// `jsonb` keeps numbers as decimals and writes a large float without its exponent, which reads as an integer.
fn keep_floats(kind: FieldKind, value: &mut Json) {
    match (kind, value) {
        (FieldKind::Float, value @ Json::Number(_)) => {
            if let Some(float) = value.as_f64().and_then(serde_json::Number::from_f64) {
                *value = Json::Number(float);
            }
        }
        (FieldKind::List(element), Json::Array(items)) => {
            items.iter_mut().for_each(|item| keep_floats(element.kind, item));
        }
        (FieldKind::Map(element), Json::Object(members)) => {
            members.values_mut().for_each(|member| keep_floats(element.kind, member));
        }
        (FieldKind::Object(declared), Json::Object(members)) => {
            for field in declared.fields {
                if let Some(member) = members.get_mut(field.name) {
                    keep_floats(field.kind, member);
                }
            }
        }
        _ => {}
    }
}

/// An integer of any width.
struct Number(i64);

impl<'a> FromSql<'a> for Number {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Failure> {
        Ok(Self(match *ty {
            Type::INT2 => i16::from_sql(ty, raw)?.into(),
            Type::INT4 => i32::from_sql(ty, raw)?.into(),
            _ => i64::from_sql(ty, raw)?,
        }))
    }

    fn accepts(ty: &Type) -> bool {
        matches!(*ty, Type::INT2 | Type::INT4 | Type::INT8)
    }
}

struct Instant(Timestamp);

impl<'a> FromSql<'a> for Instant {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Failure> {
        let since = i64::from_be_bytes(raw.try_into()?);
        let microseconds = since.checked_add(EPOCH).ok_or("the instant is infinite")?;
        Ok(Self(Timestamp::from_microsecond(microseconds)?))
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::TIMESTAMPTZ
    }
}

struct Day(Date);

impl<'a> FromSql<'a> for Day {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Failure> {
        let days = i32::from_be_bytes(raw.try_into()?);
        Ok(Self(FIRST_DAY.checked_add(jiff::SignedDuration::from_hours(i64::from(days) * 24))?))
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::DATE
    }
}

struct Document(Json);

impl<'a> FromSql<'a> for Document {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Failure> {
        let text = match (ty, raw) {
            (&Type::JSONB, [1, text @ ..]) => text,
            (&Type::JSONB, _) => return Err("the form of jsonb is not known".into()),
            _ => raw,
        };
        Ok(Self(serde_json::from_slice(text)?))
    }

    fn accepts(ty: &Type) -> bool {
        matches!(*ty, Type::JSON | Type::JSONB)
    }
}
