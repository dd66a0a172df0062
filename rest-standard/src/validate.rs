//! Checks values against their declaration; collects everything that is wrong, with a place for each.

mod foreign;
mod format;

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use serde_json::{Map, Value as Json};

use crate::{
    codec::{Audience, field_to_json, is_wide, object_to_json, parse_integer, parse_text, to_json},
    descriptor::{Element, EnumDescriptor, FieldDescriptor, FieldKind, Range},
    error::{Fault, MOST_FAULTS, Reason},
    value::{Row, Value},
};

/// The members that the framework owns: sent by a client they are ignored, so that GET, edit, PUT works.
pub(crate) const FRAMEWORK_MEMBERS: [&str; 12] = [
    "id",
    "url",
    "createdAt",
    "createdBy",
    "updatedAt",
    "updatedBy",
    "etag",
    "links",
    "deletedAt",
    "deletedBy",
    "purgeAt",
    "expanded",
];

/// What a body is checked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Body {
    /// The whole of a resource: framework members and output-only fields are ignored, omitted fields take their default.
    Resource,
    /// A nested object or the input of a custom method: every member must be declared.
    Object,
}

/// A checked body.
#[derive(Debug)]
pub(crate) struct Checked {
    /// The values; null where a fault was found.
    pub(crate) row: Row,
    /// Which fields the body named.
    pub(crate) named: Vec<bool>,
}

/// Appends a name to a JSON pointer (RFC 6901).
#[must_use]
pub(crate) fn join_pointer(pointer: &str, name: &str) -> String {
    let mut joined = String::with_capacity(pointer.len() + name.len() + 1);
    joined.push_str(pointer);
    joined.push('/');
    for char in name.chars() {
        match char {
            '~' => joined.push_str("~0"),
            '/' => joined.push_str("~1"),
            other => joined.push(other),
        }
    }
    joined
}

/// Checks the members of an object against their declarations.
pub(crate) fn object(
    fields: &[FieldDescriptor],
    members: &Map<String, Json>,
    body: Body,
    at: &str,
    faults: &mut Vec<Fault>,
) -> Checked {
    for name in members.keys() {
        let known = fields.iter().any(|field| field.name == name)
            || (body == Body::Resource && FRAMEWORK_MEMBERS.contains(&name.as_str()));
        if faults.len() > MOST_FAULTS {
            break;
        }
        if !known {
            faults.push(unknown_field(fields, name, join_pointer(at, name)));
        }
    }
    let mut row = Vec::with_capacity(fields.len());
    let mut named = Vec::with_capacity(fields.len());
    for field in fields {
        let sent = if field.output_only { None } else { members.get(field.name) };
        named.push(sent.is_some());
        let pointer = || join_pointer(at, field.name);
        row.push(match sent {
            Some(json) => value(field, json, &pointer(), faults),
            None => field.default_value().unwrap_or_else(|| {
                faults.push(Fault::pointer(Reason::InvalidValue, pointer(), "is required"));
                Value::Null
            }),
        });
    }
    Checked { row: Row(row), named }
}

/// Checks one field's JSON value.
pub(crate) fn value(field: &FieldDescriptor, json: &Json, at: &str, faults: &mut Vec<Fault>) -> Value {
    if json.is_null() {
        // Null returns an optional field to its default, as an omitted one does.
        if let Some(default) = field.default_value() {
            return default;
        }
        faults.push(Fault::pointer(Reason::InvalidValue, at, "is required, got null"));
        return Value::Null;
    }
    let before = faults.len();
    let value = typed(field.kind, field.integer_as_text(), json, at, faults);
    // A value of another type is null here and breaks nothing more; a list with a faulty element has its length.
    for detail in constraints(field, &value) {
        faults.push(Fault::pointer(Reason::InvalidValue, at, detail));
    }
    if field.input_only {
        // What is never returned is not repeated in an error either.
        for fault in &mut faults[before..] {
            if let Some(end) = fault.detail.find(", got ") {
                fault.detail.truncate(end);
            }
        }
    }
    value
}

/// `as_text` says whether an integer travels as a string; then a number is taken, too.
fn typed(kind: FieldKind, as_text: bool, json: &Json, at: &str, faults: &mut Vec<Fault>) -> Value {
    let mut refuse = |detail: String| {
        faults.push(Fault::pointer(Reason::InvalidValue, at, detail));
        Value::Null
    };
    match (kind, json) {
        (FieldKind::Text, Json::String(text)) => match text.chars().find(|char| !is_xml_char(*char)) {
            None => Value::Text(text.clone()),
            Some(char) => refuse(format!("must not contain the character U+{:04X}", u32::from(char))),
        },
        (FieldKind::Bool, Json::Bool(inner)) => Value::Bool(*inner),
        (FieldKind::Float, Json::Number(number)) => match number.as_f64() {
            Some(inner) if inner.is_finite() => Value::Float(inner),
            _ => refuse("must be a finite number".to_owned()),
        },
        (FieldKind::Integer { min, max }, Json::Number(_) | Json::String(_))
            if as_text || json.is_number() =>
        {
            match whole_number(json) {
                Some(number) if number < i128::from(min) || number > i128::from(max) => {
                    refuse(format!("must be between {min} and {max}, got {number}"))
                }
                Some(number) => Value::Integer(i64::try_from(number).unwrap_or_default()),
                None if is_whole(json) => {
                    refuse(format!("must be between {min} and {max}, got {}", excerpt(json)))
                }
                None => refuse(format!("must be an integer, got {}", excerpt(json))),
            }
        }
        (FieldKind::Enum(declared), Json::String(name)) => match declared.by_name(name) {
            Some(variant) => Value::Integer(variant.number),
            None => refuse(unknown_variant(declared, name)),
        },
        (FieldKind::Bytes, Json::String(text)) => match BASE64.decode(text) {
            Ok(bytes) => Value::Bytes(bytes),
            Err(_) => refuse(format!("must be base64 (RFC 4648, with padding), got {}", excerpt(json))),
        },
        (FieldKind::Uuid | FieldKind::Timestamp | FieldKind::Date, Json::String(text)) => {
            match parse_text(kind, text) {
                Some(value) => value,
                None => refuse(format!("must be {}, got {}", expectation(kind), excerpt(json))),
            }
        }
        (FieldKind::List(element), Json::Array(items)) => {
            let mut checked = Vec::with_capacity(items.len());
            for (index, item) in items.iter().enumerate() {
                if faults.len() > MOST_FAULTS {
                    break;
                }
                checked.push(nested(element, item, &format!("{at}/{index}"), faults));
            }
            Value::Json(Json::Array(checked))
        }
        (FieldKind::Map(element), Json::Object(members)) => {
            let mut checked = Map::new();
            for (name, member) in members {
                if faults.len() > MOST_FAULTS {
                    break;
                }
                let pointer = join_pointer(at, name);
                if let Some(char) = name.chars().find(|char| !is_xml_char(*char)) {
                    let detail =
                        format!("must not contain the character U+{:04X} in its name", u32::from(char));
                    faults.push(Fault::pointer(Reason::InvalidValue, &pointer, detail));
                }
                checked.insert(name.clone(), nested(element, member, &pointer, faults));
            }
            Value::Json(Json::Object(checked))
        }
        (FieldKind::Object(declared), Json::Object(members)) => {
            let checked = object(declared.fields, members, Body::Object, at, faults);
            Value::Json(object_to_json(declared.fields, &checked.row, Audience::Store))
        }
        (FieldKind::Foreign(declared), json) => foreign::value(declared, json, at, faults),
        (FieldKind::Json, json) => Value::Json(json.clone()),
        (kind, json) => refuse(format!("must be {}, got {}", expectation(kind), excerpt(json))),
    }
}

fn nested(element: &Element, json: &Json, at: &str, faults: &mut Vec<Fault>) -> Json {
    if json.is_null() {
        if !element.nullable {
            let detail = format!("must be {}, got null", expectation(element.kind));
            faults.push(Fault::pointer(Reason::InvalidValue, at, detail));
        }
        return Json::Null;
    }
    to_json(element.kind, &typed(element.kind, is_wide(element.kind), json, at, faults))
}

/// Checks the members that a merge patch sends, as far as that is possible without what they are merged into.
pub(crate) fn partial(
    fields: &[FieldDescriptor],
    members: &Map<String, Json>,
    body: Body,
    at: &str,
    faults: &mut Vec<Fault>,
) {
    for (name, json) in members {
        let pointer = join_pointer(at, name);
        match fields.iter().find(|field| field.name == name) {
            Some(field) if field.output_only => {}
            Some(field) => match (field.kind, json) {
                (FieldKind::Object(nested), Json::Object(inner)) => {
                    partial(nested.fields, inner, Body::Object, &pointer, faults);
                }
                (FieldKind::Map(element), Json::Object(inner)) => {
                    // Null removes a member of a map, so it is right for any type.
                    for (name, json) in inner.iter().filter(|(_, json)| !json.is_null()) {
                        nested(element, json, &join_pointer(&pointer, name), faults);
                    }
                }
                // What is right depends on the whole.
                (FieldKind::Foreign(_), Json::Object(_)) => {}
                _ => {
                    value(field, json, &pointer, faults);
                }
            },
            None if body == Body::Resource && FRAMEWORK_MEMBERS.contains(&name.as_str()) => {}
            None => faults.push(unknown_field(fields, name, pointer)),
        }
    }
}

fn unknown_field(fields: &[FieldDescriptor], name: &str, pointer: String) -> Fault {
    let names = fields.iter().filter(|field| !field.output_only).map(|field| field.name);
    let detail = format!("is not a field of this body{}", did_you_mean(name, names));
    Fault::pointer(Reason::UnknownField, pointer, detail)
}

/// Checks values that author code left in a row: its types allow more than the declaration does.
///
/// A value that is as it was in `before` is no change of this request's, even if the declaration became narrower since.
pub(crate) fn author_row(
    fields: &[FieldDescriptor],
    before: Option<&Row>,
    row: &Row,
    faults: &mut Vec<Fault>,
) {
    let is_kept = |index: usize| before.is_some_and(|before| before.0[index] == row.0[index]);
    for (index, (field, stored)) in fields.iter().zip(&row.0).enumerate() {
        if is_kept(index) {
            continue;
        }
        let pointer = join_pointer("", field.name);
        match stored {
            Value::Null if field.nullable => {}
            Value::Float(number) if !number.is_finite() => {
                faults.push(Fault::pointer(Reason::InvalidValue, pointer, "must be a finite number"));
            }
            stored => {
                value(field, &field_to_json(field, stored, Audience::Store), &pointer, faults);
            }
        }
    }
}

/// What breaks the declared constraints of a field in a value of the right type.
#[must_use]
pub(crate) fn constraints(field: &FieldDescriptor, value: &Value) -> Vec<String> {
    let mut broken = Vec::new();
    let size = match value {
        Value::Text(text) => Some((text.chars().count(), "characters")),
        Value::Json(Json::Array(items)) => Some((items.len(), "elements")),
        Value::Json(Json::Object(members)) if matches!(field.kind, FieldKind::Map(_)) => {
            Some((members.len(), "members"))
        }
        _ => None,
    };
    if let (Some((min, max)), Some((size, unit))) = (field.length, size) {
        let size = size as u64;
        if size < min || size > max {
            let expected = match (min, max) {
                (min, u64::MAX) => format!("at least {min}"),
                (0, max) => format!("at most {max}"),
                (min, max) if min == max => format!("exactly {min}"),
                (min, max) => format!("{min} to {max}"),
            };
            broken.push(format!("must have {expected} {unit}, got {size}"));
        }
    }
    match (field.range, value) {
        (Some(Range::Integer(min, max)), Value::Integer(number))
            if min.is_some_and(|min| *number < min) || max.is_some_and(|max| *number > max) =>
        {
            broken.push(format!("must be {}, got {number}", bounds(min, max)));
        }
        (Some(Range::Float(min, max)), Value::Float(number))
            if min.is_some_and(|min| *number < min) || max.is_some_and(|max| *number > max) =>
        {
            broken.push(format!("must be {}, got {number}", bounds(min, max)));
        }
        _ => {}
    }
    if let Value::Text(text) = value {
        if let Some(pattern) = field.pattern
            && !pattern.regex().is_some_and(|regex| regex.is_match(text))
        {
            broken.push(format!("must match the pattern `{}`", pattern.text()));
        }
        if let Some(format) = field.format
            && let Some(expected) = format::misses(format, text)
        {
            broken.push(format!("must be {expected}"));
        }
    }
    broken
}

fn bounds<T: std::fmt::Display>(min: Option<T>, max: Option<T>) -> String {
    match (min, max) {
        (Some(min), Some(max)) => format!("between {min} and {max}"),
        (Some(min), None) => format!("at least {min}"),
        (None, Some(max)) => format!("at most {max}"),
        (None, None) => "a number".to_owned(),
    }
}

/// An integer given as a number or as a string of digits; `None` for anything else, fractions included.
fn whole_number(json: &Json) -> Option<i128> {
    match json {
        Json::Number(number) => {
            if let Some(number) = number.as_i64() {
                return Some(i128::from(number));
            }
            if let Some(number) = number.as_u64() {
                return Some(i128::from(number));
            }
            // `5.0` and `1e3` are integers in JSON Schema; beyond 2^53 a double no longer says which one.
            let float = number.as_f64()?;
            (float.fract() == 0.0 && float.abs() <= 9_007_199_254_740_992.0).then_some(float as i128)
        }
        Json::String(text) => parse_integer(text).map(i128::from),
        _ => None,
    }
}

/// Whether a number or a string of digits is an integer, however large.
pub(crate) fn is_whole(json: &Json) -> bool {
    match json {
        Json::Number(number) => number.as_f64().is_some_and(|float| float.fract() == 0.0),
        Json::String(text) => {
            let digits = text.strip_prefix('-').unwrap_or(text);
            !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
        }
        _ => false,
    }
}

/// What a value of the kind looks like, for the sentence "must be …".
#[must_use]
pub(crate) fn expectation(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Text => "a string",
        FieldKind::Bool => "a boolean (`true` or `false`)",
        FieldKind::Integer { .. } => "an integer",
        FieldKind::Float => "a number",
        FieldKind::Uuid => "a UUID, such as `cbb96ec2-edae-47c4-87e9-86eb8b9c5ce4`",
        FieldKind::Timestamp => {
            "an RFC 3339 timestamp in microseconds at most, such as `2026-11-21T10:00:00Z`"
        }
        FieldKind::Date => "a date, such as `2026-11-21`",
        FieldKind::Bytes => "a base64 string",
        FieldKind::Enum(_) => "the name of a variant, a string",
        FieldKind::List(_) => "an array",
        FieldKind::Map(_) | FieldKind::Object(_) => "an object",
        FieldKind::Foreign(_) => "a value that fits the schema of this field",
        FieldKind::Json => "JSON",
    }
}

/// The sentence for a name that is no variant.
#[must_use]
pub(crate) fn unknown_variant(declared: &EnumDescriptor, name: &str) -> String {
    let mut expected = String::new();
    for (at, variant) in declared.variants.iter().enumerate() {
        let separator = if at == 0 { "" } else { ", " };
        let _ = write!(expected, "{separator}`{}`", variant.name);
    }
    let hint = did_you_mean(name, declared.variants.iter().map(|variant| variant.name));
    format!("must be one of {expected}, got {}{hint}", excerpt(&Json::from(name)))
}

/// A short form of what was found, so that an error never repeats a large body.
#[must_use]
pub(crate) fn excerpt(json: &Json) -> String {
    match json {
        Json::Array(_) => "an array".to_owned(),
        Json::Object(_) => "an object".to_owned(),
        Json::String(text) if text.chars().count() > 40 => {
            format!("a string of {} characters", text.chars().count())
        }
        scalar => format!("`{scalar}`"),
    }
}

/// The hint `, did you mean …?` for the nearest name within two edits; empty when none is near.
#[must_use]
pub(crate) fn did_you_mean<'a>(found: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    if found.len() > 64 {
        return String::new();
    }
    let nearest = names.into_iter().map(|name| (edits(found, name), name)).min();
    match nearest {
        Some((distance, name)) if distance <= 2 && distance < name.len() => {
            format!(", did you mean `{name}`?")
        }
        _ => String::new(),
    }
}

/// The Levenshtein distance without regard to case.
fn edits(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.to_lowercase().chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, char) in left.to_lowercase().chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, other) in right.iter().enumerate() {
            let substituted = diagonal + usize::from(char != *other);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[right.len()]
}

/// Whether XML 1.0 can carry the character, so that every format can give back every text.
#[must_use]
pub(crate) fn is_xml_char(char: char) -> bool {
    matches!(char, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}
