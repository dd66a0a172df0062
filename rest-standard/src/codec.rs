//! Values to JSON and back, and the generic shims between author types and rows.
//!
//! The shims at the end are the only generic code on the data path; each is a few lines around a decode, a call and an
//! encode, instantiated once for each custom method or rule set and never for each handler.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use jiff::{Timestamp, civil::Date, fmt::temporal::DateTimePrinter};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::{
    context::{Context, Session},
    descriptor::{BoxFuture, FieldDescriptor, FieldKind, Invocation, Reply, RuleSet},
    error::{Error, Result},
    resource::{Answer, MethodError, Resource, ResourceValue, Rules},
    value::{Path, Row, Value},
};

/// Who a JSON form is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Audience {
    /// A client: input-only members are left out.
    Client,
    /// A store: every member is kept.
    Store,
}

/// An instant in RFC 3339, UTC with `Z`, in microseconds at most.
#[must_use]
pub(crate) fn timestamp_text(instant: Timestamp) -> String {
    let mut text = Vec::with_capacity(27);
    write_timestamp(&mut text, instant);
    String::from_utf8(text).unwrap_or_default()
}

/// Writes what [`timestamp_text`] gives.
pub(crate) fn write_timestamp(out: &mut Vec<u8>, instant: Timestamp) {
    const PRINTER: DateTimePrinter = DateTimePrinter::new();
    // Writing into memory cannot fail.
    let _ = PRINTER.print_timestamp(&whole_microseconds(instant), out);
}

/// An instant without what is finer than a microsecond.
pub(crate) fn whole_microseconds(instant: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(instant.as_microsecond()).unwrap_or(instant)
}

/// The largest integer whose neighbours a double can tell apart.
const WIDE: i64 = 1 << 53;

/// The wire form of a value that needs no descriptor beyond its kind.
#[must_use]
pub(crate) fn to_json(kind: FieldKind, value: &Value) -> Json {
    match (kind, value) {
        (_, Value::Null) => Json::Null,
        (FieldKind::Enum(declared), Value::Integer(number)) => {
            declared.by_number(*number).map_or(Json::Null, |variant| Json::from(variant.name))
        }
        // Beyond 2^53 many clients lose digits of a JSON number.
        (kind, Value::Integer(number)) if is_wide(kind) => Json::from(number.to_string()),
        (_, Value::Bool(inner)) => Json::from(*inner),
        (_, Value::Integer(inner)) => Json::from(*inner),
        (_, Value::Float(inner)) => Json::from(*inner),
        (_, Value::Text(inner)) => Json::from(inner.as_str()),
        (_, Value::Bytes(inner)) => Json::from(BASE64.encode(inner)),
        (_, Value::Uuid(inner)) => Json::from(inner.to_string()),
        (_, Value::Timestamp(inner)) => Json::from(timestamp_text(*inner)),
        (_, Value::Date(inner)) => Json::from(inner.to_string()),
        (_, Value::Json(inner)) => inner.clone(),
    }
}

/// The wire form of a field's value, where a wide integer is a string.
#[must_use]
pub(crate) fn field_to_json(field: &FieldDescriptor, value: &Value, audience: Audience) -> Json {
    match (value, field.kind) {
        (Value::Integer(number), FieldKind::Integer { .. }) => {
            if field.integer_as_text() {
                Json::from(number.to_string())
            } else {
                Json::from(*number)
            }
        }
        (Value::Json(json), kind) if audience == Audience::Client && contains_hidden(kind, 0) => {
            visible(kind, json)
        }
        _ => to_json(field.kind, value),
    }
}

/// How deep declarations are followed; a struct that contains itself through a list has no end.
const DECLARED_DEPTH: usize = 16;

/// Whether integers of the kind travel as strings, as far as their type decides it.
pub(crate) fn is_wide(kind: FieldKind) -> bool {
    matches!(kind, FieldKind::Integer { min, max } if min < -WIDE || max > WIDE)
}

/// Whether an input-only member is somewhere in values of the kind.
pub(crate) fn contains_hidden(kind: FieldKind, level: usize) -> bool {
    match kind {
        FieldKind::Object(nested) if level < DECLARED_DEPTH => {
            nested.fields.iter().any(|field| field.input_only || contains_hidden(field.kind, level + 1))
        }
        FieldKind::List(element) | FieldKind::Map(element) if level < DECLARED_DEPTH => {
            contains_hidden(element.kind, level + 1)
        }
        _ => false,
    }
}

/// A nested value without its input-only members, however deep they are.
fn visible(kind: FieldKind, json: &Json) -> Json {
    match (kind, json) {
        (FieldKind::Object(nested), Json::Object(members)) => {
            let shown = nested.fields.iter().filter(|field| !field.input_only);
            let shown = shown.filter_map(|field| {
                members.get(field.name).map(|member| (field.name.to_owned(), visible(field.kind, member)))
            });
            Json::Object(shown.collect())
        }
        (FieldKind::Map(element), Json::Object(members)) => Json::Object(
            members.iter().map(|(name, member)| (name.clone(), visible(element.kind, member))).collect(),
        ),
        (FieldKind::List(element), Json::Array(items)) => {
            Json::Array(items.iter().map(|item| visible(element.kind, item)).collect())
        }
        (_, other) => other.clone(),
    }
}

/// The wire form of an object with the members `fields`.
#[must_use]
pub(crate) fn object_to_json(fields: &[FieldDescriptor], row: &Row, audience: Audience) -> Json {
    let members = fields
        .iter()
        .zip(&row.0)
        .filter(|(field, _)| audience == Audience::Store || !field.input_only)
        .map(|(field, value)| (field.name.to_owned(), field_to_json(field, value, audience)));
    Json::Object(members.collect())
}

/// The value of a JSON form that was checked before, when it was stored or accepted.
///
/// # Errors
///
/// `Internal` when it does not fit: the stored data was changed behind the service's back.
pub(crate) fn from_stored_json(kind: FieldKind, json: Json) -> Result<Value> {
    let misfit =
        |json: &Json| Error::internal(format!("stored JSON does not fit its declaration {kind:?}: {json}"));
    Ok(match (kind, json) {
        (_, Json::Null) => Value::Null,
        (
            FieldKind::Json
            | FieldKind::List(_)
            | FieldKind::Map(_)
            | FieldKind::Object(_)
            | FieldKind::Foreign(_),
            json,
        ) => Value::Json(json),
        (FieldKind::Bool, Json::Bool(inner)) => Value::Bool(inner),
        (FieldKind::Float, Json::Number(number)) => Value::Float(number.as_f64().unwrap_or_default()),
        (FieldKind::Integer { .. }, Json::Number(number)) if number.is_i64() => {
            Value::Integer(number.as_i64().unwrap_or_default())
        }
        (kind, Json::String(text)) => match parse_text(kind, &text) {
            Some(value) => value,
            None => return Err(misfit(&Json::String(text))),
        },
        (_, json) => return Err(misfit(&json)),
    })
}

/// The value that a text stands for, as in a JSON string or a query parameter; `None` when it stands for none.
#[must_use]
pub(crate) fn parse_text(kind: FieldKind, text: &str) -> Option<Value> {
    Some(match kind {
        FieldKind::Text => Value::Text(text.to_owned()),
        FieldKind::Bool => Value::Bool(text.parse().ok()?),
        FieldKind::Integer { .. } => Value::Integer(parse_integer(text)?),
        FieldKind::Float => Value::Float(text.parse().ok().filter(|number: &f64| number.is_finite())?),
        FieldKind::Uuid => Value::Uuid(parse_uuid(text)?),
        FieldKind::Timestamp => Value::Timestamp(parse_timestamp(text)?),
        FieldKind::Date => Value::Date(text.parse::<Date>().ok().filter(|_| text.len() == 10)?),
        FieldKind::Bytes => Value::Bytes(BASE64.decode(text).ok()?),
        FieldKind::Enum(declared) => Value::Integer(declared.by_name(text)?.number),
        FieldKind::List(_)
        | FieldKind::Map(_)
        | FieldKind::Object(_)
        | FieldKind::Foreign(_)
        | FieldKind::Json => return None,
    })
}

/// An integer without sign tricks: an optional minus and digits.
#[must_use]
pub(crate) fn parse_integer(text: &str) -> Option<i64> {
    text.bytes()
        .enumerate()
        .all(|(at, byte)| byte.is_ascii_digit() || (at == 0 && byte == b'-'))
        .then(|| text.parse().ok())?
}

/// A UUID in its hyphenated form.
#[must_use]
pub(crate) fn parse_uuid(text: &str) -> Option<Uuid> {
    if text.len() == 36 { Uuid::try_parse(text).ok() } else { None }
}

/// An RFC 3339 instant with an offset; digits beyond microseconds are refused, since they could not be given back.
#[must_use]
pub(crate) fn parse_timestamp(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    let separators = [(4, b'-'), (7, b'-'), (13, b':'), (16, b':')];
    if bytes.len() < 20
        || separators.iter().any(|(at, byte)| bytes[*at] != *byte)
        || !matches!(bytes[10], b'T' | b't')
    {
        return None;
    }
    let offset = match bytes[bytes.len() - 1] {
        b'Z' | b'z' => 1,
        _ => 6,
    };
    if bytes.len() < 19 + offset || (offset == 6 && !matches!(bytes[bytes.len() - 6], b'+' | b'-')) {
        return None;
    }
    let instant: Timestamp = text.parse().ok()?;
    // An offset can move the instant out of the years that RFC 3339 can write.
    let years = -62_167_219_200..253_402_300_800;
    (instant.subsec_nanosecond() % 1000 == 0 && years.contains(&instant.as_second())).then_some(instant)
}

fn object_of<T: ResourceValue>(row: Option<Row>) -> Result<T> {
    T::decode(row.ok_or_else(|| Error::internal("a custom method was called without its body"))?)
}

fn resource_of<T: Resource>(row: Option<Row>) -> Result<T> {
    T::decode(row.ok_or_else(|| Error::internal("a custom method was called without its resource"))?)
}

/// Decodes a nested struct from the value of its field.
///
/// # Errors
///
/// When the stored object does not fit the declaration.
pub fn value_to_object<T: ResourceValue>(value: Value) -> Result<T> {
    let Value::Json(Json::Object(mut members)) = value else {
        return Err(Error::internal(format!("a stored value is not an object: {value:?}")));
    };
    let values = T::DESCRIPTOR.fields.iter().map(|field| match members.remove(field.name) {
        Some(json) => from_stored_json(field.kind, json),
        None => Ok(field.default_value().unwrap_or(Value::Null)),
    });
    T::decode(Row(values.collect::<Result<_>>()?))
}

/// The value of a field that holds a nested struct.
#[must_use]
pub fn object_to_value<T: ResourceValue>(object: &T) -> Value {
    Value::Json(object_to_json(T::DESCRIPTOR.fields, &object.encode(), Audience::Store))
}

/// A method with `&mut self`.
pub(crate) type WriteFn<T, O, E> = for<'a> fn(&'a mut T, &'a mut Context<T>) -> BoxFuture<'a, Result<O, E>>;
/// A method with `&mut self` and a body.
pub(crate) type WriteWithFn<T, I, O, E> =
    for<'a> fn(&'a mut T, I, &'a mut Context<T>) -> BoxFuture<'a, Result<O, E>>;
/// A method with `&self`.
pub(crate) type ReadFn<T, O, E> = for<'a> fn(&'a T, &'a mut Context<T>) -> BoxFuture<'a, Result<O, E>>;
/// A method with `&self` and a body.
pub(crate) type ReadWithFn<T, I, O, E> =
    for<'a> fn(&'a T, I, &'a mut Context<T>) -> BoxFuture<'a, Result<O, E>>;
/// A method on the collection.
pub(crate) type CollectionFn<T, O, E> = for<'a> fn(&'a mut Context<T>) -> BoxFuture<'a, Result<O, E>>;
/// A method on the collection with a body.
pub(crate) type CollectionWithFn<T, I, O, E> =
    for<'a> fn(I, &'a mut Context<T>) -> BoxFuture<'a, Result<O, E>>;

/// Calls a method with `&mut self`.
pub fn call_write<T: Resource, O: Answer, E: MethodError>(
    call: Invocation,
    method: WriteFn<T, O, E>,
) -> BoxFuture<'static, Result<Reply>> {
    Box::pin(async move {
        let (mut this, mut cx) = (resource_of::<T>(call.row)?, Context::new(call.session, call.path));
        let output = method(&mut this, &mut cx).await.map_err(MethodError::into_error)?.into_output();
        Ok(Reply { row: Some(this.encode()), output })
    })
}

/// Calls a method with `&mut self` and a body.
pub fn call_write_with<T: Resource, I: ResourceValue, O: Answer, E: MethodError>(
    call: Invocation,
    method: WriteWithFn<T, I, O, E>,
) -> BoxFuture<'static, Result<Reply>> {
    Box::pin(async move {
        let (mut this, mut cx) = (resource_of::<T>(call.row)?, Context::new(call.session, call.path));
        let output = method(&mut this, object_of(call.input)?, &mut cx)
            .await
            .map_err(MethodError::into_error)?
            .into_output();
        Ok(Reply { row: Some(this.encode()), output })
    })
}

/// Calls a method with `&self`.
pub fn call_read<T: Resource, O: Answer, E: MethodError>(
    call: Invocation,
    method: ReadFn<T, O, E>,
) -> BoxFuture<'static, Result<Reply>> {
    Box::pin(async move {
        let (this, mut cx) = (resource_of::<T>(call.row)?, Context::new(call.session, call.path));
        Ok(Reply {
            row: None,
            output: method(&this, &mut cx).await.map_err(MethodError::into_error)?.into_output(),
        })
    })
}

/// Calls a method with `&self` and a body.
pub fn call_read_with<T: Resource, I: ResourceValue, O: Answer, E: MethodError>(
    call: Invocation,
    method: ReadWithFn<T, I, O, E>,
) -> BoxFuture<'static, Result<Reply>> {
    Box::pin(async move {
        let (this, mut cx) = (resource_of::<T>(call.row)?, Context::new(call.session, call.path));
        Ok(Reply {
            row: None,
            output: method(&this, object_of(call.input)?, &mut cx)
                .await
                .map_err(MethodError::into_error)?
                .into_output(),
        })
    })
}

/// Calls a method on the collection.
pub fn call_collection<T: Resource, O: Answer, E: MethodError>(
    call: Invocation,
    method: CollectionFn<T, O, E>,
) -> BoxFuture<'static, Result<Reply>> {
    Box::pin(async move {
        let mut cx = Context::new(call.session, call.path);
        Ok(Reply { row: None, output: method(&mut cx).await.map_err(MethodError::into_error)?.into_output() })
    })
}

/// Calls a method on the collection with a body.
pub fn call_collection_with<T: Resource, I: ResourceValue, O: Answer, E: MethodError>(
    call: Invocation,
    method: CollectionWithFn<T, I, O, E>,
) -> BoxFuture<'static, Result<Reply>> {
    Box::pin(async move {
        let mut cx = Context::new(call.session, call.path);
        Ok(Reply {
            row: None,
            output: method(object_of(call.input)?, &mut cx)
                .await
                .map_err(MethodError::into_error)?
                .into_output(),
        })
    })
}

/// Asks a declared condition about a stored row.
///
/// # Errors
///
/// When the row does not fit the type.
pub fn when<T: Resource>(row: &Row, condition: fn(&T) -> bool) -> Result<bool> {
    Ok(condition(&T::decode(row.clone())?))
}

/// The rules of `T` as function pointers.
#[must_use]
pub const fn rules<T: Rules>() -> RuleSet {
    RuleSet {
        on_create: on_create::<T>,
        on_update: on_update::<T>,
        on_delete: on_delete::<T>,
        judges_delete: judges_delete::<T>,
    }
}

fn on_create<T: Rules>(row: Row, session: Arc<dyn Session>, path: Path) -> BoxFuture<'static, Result<Row>> {
    Box::pin(async move {
        let mut this = T::decode(row)?;
        this.on_create(&mut Context::new(session, path)).await?;
        Ok(this.encode())
    })
}

fn on_update<T: Rules>(
    before: Row,
    after: Row,
    session: Arc<dyn Session>,
    path: Path,
) -> BoxFuture<'static, Result<Row>> {
    Box::pin(async move {
        let mut this = T::decode(after)?;
        this.on_update(&T::decode(before)?, &mut Context::new(session, path)).await?;
        Ok(this.encode())
    })
}

fn on_delete<T: Rules>(row: Row, session: Arc<dyn Session>, path: Path) -> BoxFuture<'static, Result<()>> {
    Box::pin(async move { T::decode(row)?.on_delete(&mut Context::new(session, path)).await })
}

/// The default of `on_delete` tells that it is that when it is called, so what it returns need not be awaited.
fn judges_delete<T: Rules>(session: Arc<dyn Session>) -> bool {
    let Ok(any) = T::decode(any_row(T::DESCRIPTOR.fields)) else { return true };
    let mut cx = Context::new(session, Path::default());
    drop(any.on_delete(&mut cx));
    cx.is_judged
}

/// Values of the right types, whatever they are.
fn any_row(fields: &[FieldDescriptor]) -> Row {
    let any = |field: &FieldDescriptor| field.default_value().unwrap_or_else(|| any_value(field.kind));
    Row(fields.iter().map(any).collect())
}

/// A value of a kind that has no default of its own.
fn any_value(kind: FieldKind) -> Value {
    match kind {
        FieldKind::Text => Value::Text(String::new()),
        FieldKind::Bool => Value::Bool(false),
        FieldKind::Integer { min, max } => Value::Integer(0.clamp(min, max)),
        FieldKind::Float => Value::Float(0.0),
        FieldKind::Uuid => Value::Uuid(Uuid::nil()),
        FieldKind::Timestamp => Value::Timestamp(Timestamp::UNIX_EPOCH),
        FieldKind::Date => Value::Date(Date::constant(1970, 1, 1)),
        FieldKind::Bytes => Value::Bytes(Vec::new()),
        FieldKind::Object(nested) => {
            Value::Json(object_to_json(nested.fields, &any_row(nested.fields), Audience::Store))
        }
        FieldKind::Enum(_)
        | FieldKind::List(_)
        | FieldKind::Map(_)
        | FieldKind::Foreign(_)
        | FieldKind::Json => Value::Null,
    }
}
