//! Values that show what a field, a body and a resource look like, made from the declaration.
//!
//! What the author declared with `example` comes first, then the default; anything else is made to fit the field's type
//! and constraints. Each example is one that the service itself would accept.

use jiff::{Timestamp, civil::date};
use regex_syntax::hir::{Class, Hir, HirKind};
use serde_json::{Map, Value as Json, json};
use uuid::{Uuid, uuid};

use super::{names::words, ordered::Ordered};
use crate::{
    codec::{Audience, field_to_json, to_json},
    descriptor::{Descriptor, FieldDescriptor, FieldKind, Format, IdKind, Range},
    store::{Column, Record},
    tree::{Node, Tree},
    validate::constraints,
    value::{Id, Path, Row, Value},
};

/// The UUID of everything that has one and no example of its own.
const SAMPLE_UUID: Uuid = uuid!("cbb96ec2-edae-47c4-87e9-86eb8b9c5ce4");
/// The moment of everything: 2026-11-21T10:00:00Z, in seconds.
const SAMPLE_SECOND: i64 = 1_795_255_200;
/// The revision that the sample entity tag is made of.
const SAMPLE_REVISION: i64 = 0x0123_4567_89ab_cdef;
/// How deep nested examples go; a struct that contains itself through a list has no end.
const DEEPEST: usize = 4;

/// The moment of all examples.
pub(crate) fn moment() -> Timestamp {
    Timestamp::from_second(SAMPLE_SECOND).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// A value of the field; `None` where its constraints allow none that could be made up.
pub(crate) fn value(field: &FieldDescriptor) -> Option<Value> {
    nested_value(field, 0)
}

fn nested_value(field: &FieldDescriptor, level: usize) -> Option<Value> {
    if let Some(example) = field.example {
        return Some(example());
    }
    let declared = field.default.map(|default| default()).filter(|default| !default.is_null());
    if declared.is_some() {
        return declared;
    }
    let made = made(field, level).filter(|value| constraints(field, value).is_empty());
    made.or_else(|| field.default_value())
}

fn made(field: &FieldDescriptor, level: usize) -> Option<Value> {
    Some(match field.kind {
        FieldKind::Text => Value::Text(text(field)?),
        FieldKind::Integer { .. } => {
            let (min, max) = field.integer_bounds()?;
            Value::Integer(1.clamp(min, max))
        }
        FieldKind::Float => {
            let (min, max) = match field.range {
                Some(Range::Float(min, max)) => (min, max),
                _ => (None, None),
            };
            Value::Float(1.5_f64.max(min.unwrap_or(f64::MIN)).min(max.unwrap_or(f64::MAX)))
        }
        FieldKind::List(element) => {
            let length = field.length.map_or(1, |(min, max)| 1.clamp(min, max));
            let one = element_json(field, element.kind, level)?;
            Value::Json(Json::Array(vec![one; usize::try_from(length).ok()?]))
        }
        FieldKind::Map(element) => {
            let one = element_json(field, element.kind, level)?;
            let length = field.length.map_or(1, |(min, max)| 1.clamp(min, max));
            Value::Json(Json::Object((1..=length).map(|at| (format!("key{at}"), one.clone())).collect()))
        }
        FieldKind::Object(nested) => {
            Value::Json(Json::Object(members(nested.fields, level + 1, Audience::Store)?))
        }
        FieldKind::Foreign(declared) => Value::Json((declared.schema)()["examples"].get(0)?.clone()),
        FieldKind::Json => Value::Json(json!({field.name: "as it is now"})),
        scalar => scalar_value(scalar)?,
    })
}

fn scalar_value(kind: FieldKind) -> Option<Value> {
    Some(match kind {
        FieldKind::Text => Value::Text("text".to_owned()),
        FieldKind::Bool => Value::Bool(true),
        FieldKind::Integer { min, max } => Value::Integer(1.clamp(min, max)),
        FieldKind::Float => Value::Float(1.5),
        FieldKind::Uuid => Value::Uuid(SAMPLE_UUID),
        FieldKind::Timestamp => Value::Timestamp(moment()),
        FieldKind::Date => Value::Date(date(2026, 11, 21)),
        FieldKind::Bytes => Value::Bytes(b"bytes".to_vec()),
        FieldKind::Enum(declared) => Value::Integer(declared.variants.first()?.number),
        FieldKind::List(_)
        | FieldKind::Map(_)
        | FieldKind::Object(_)
        | FieldKind::Foreign(_)
        | FieldKind::Json => return None,
    })
}

fn element_json(field: &FieldDescriptor, kind: FieldKind, level: usize) -> Option<Json> {
    if level > DEEPEST {
        return None;
    }
    Some(match kind {
        FieldKind::Text => Json::from(singular(&words(field.name))),
        FieldKind::Object(nested) => Json::Object(members(nested.fields, level + 1, Audience::Store)?),
        FieldKind::List(inner) => Json::Array(vec![element_json(field, inner.kind, level + 1)?]),
        FieldKind::Map(inner) => json!({"key": element_json(field, inner.kind, level + 1)?}),
        FieldKind::Json => json!({}),
        scalar => to_json(scalar, &scalar_value(scalar)?),
    })
}

fn singular(noun: &str) -> String {
    noun.strip_suffix('s').filter(|noun| !noun.is_empty()).unwrap_or(noun).to_owned()
}

/// A text that fits the field's format, pattern and length.
fn text(field: &FieldDescriptor) -> Option<String> {
    if let Some(format) = field.format {
        return Some(
            match format {
                Format::Email => "jaykmr@example.com",
                Format::Uri => "https://example.com/",
                Format::Hostname => "example.com",
                Format::Ipv4 => "192.0.2.1",
                Format::Ipv6 => "2001:db8::1",
                Format::TimeZone => "Europe/Berlin",
                Format::RegionCode => "DE",
                Format::LanguageCode => "de",
            }
            .to_owned(),
        );
    }
    let (min, max) = field.length.unwrap_or((0, u64::MAX));
    if let Some(pattern) = field.pattern {
        let hir = regex_syntax::parse(pattern.text()).ok()?;
        let mut made = String::new();
        matching(&hir, &mut made)?;
        return Some(made);
    }
    let mut made = super::names::capitalised(&words(field.name));
    while (made.chars().count() as u64) < min.min(1 << 10) {
        made.push('x');
    }
    Some(made.chars().take(usize::try_from(max).unwrap_or(usize::MAX)).collect())
}

/// Appends a short text that the expression matches; `None` where that would be too long or is not text.
fn matching(hir: &Hir, out: &mut String) -> Option<()> {
    const LONGEST: usize = 1 << 10;
    if out.len() > LONGEST {
        return None;
    }
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => out.push_str(std::str::from_utf8(&literal.0).ok()?),
        HirKind::Class(Class::Unicode(class)) => {
            let readable = ['a', 'A', '1'];
            let includes =
                |char: &char| class.iter().any(|range| (range.start()..=range.end()).contains(char));
            let first =
                class.iter().map(|range| range.start()).find(|char| crate::validate::is_xml_char(*char));
            out.push(readable.into_iter().find(includes).or(first)?);
        }
        HirKind::Class(Class::Bytes(class)) => out.push(char::from(class.iter().next()?.start())),
        HirKind::Repetition(repetition) => {
            let times = repetition.min.max(u32::from(repetition.max != Some(0)));
            for _ in 0..times {
                matching(&repetition.sub, out)?;
            }
        }
        HirKind::Capture(capture) => matching(&capture.sub, out)?,
        HirKind::Concat(parts) => parts.iter().try_for_each(|part| matching(part, out))?,
        HirKind::Alternation(choices) => matching(choices.first()?, out)?,
    }
    Some(())
}

/// The members of an object, in wire form; `None` where a required one has no example.
fn members(fields: &[FieldDescriptor], level: usize, audience: Audience) -> Option<Map<String, Json>> {
    if level > DEEPEST {
        return None;
    }
    let shown = fields.iter().filter(|field| audience == Audience::Store || !field.output_only);
    shown
        .map(|field| {
            let value = nested_value(field, level)?;
            Some((field.name.to_owned(), field_to_json(field, &value, Audience::Store)))
        })
        .collect()
}

/// A body with every member that a client may send, in the order of the declaration.
pub(crate) fn body(fields: &[FieldDescriptor]) -> Option<Vec<(&'static str, Ordered)>> {
    fields
        .iter()
        .filter(|field| !field.output_only)
        .map(|field| Some((field.name, json(field, &value(field)?))))
        .collect()
}

/// A merge patch of the first member that a client may change.
pub(crate) fn patch(fields: &[FieldDescriptor]) -> Option<Vec<(&'static str, Ordered)>> {
    let field = fields.iter().find(|field| !field.output_only && !field.immutable);
    let Some(field) = field else { return Some(Vec::new()) };
    Some(vec![(field.name, json(field, &value(field)?))])
}

/// A value of the field in wire form.
pub(crate) fn json(field: &FieldDescriptor, value: &Value) -> Ordered {
    in_order(field.kind, Ordered::from_json(field_to_json(field, value, Audience::Store)))
}

/// The same with the members of nested objects in the order of their declaration.
pub(crate) fn in_order(kind: FieldKind, json: Ordered) -> Ordered {
    match (kind, json) {
        (FieldKind::Object(nested), Ordered::Object(mut members)) => {
            let place = |name: &str| nested.fields.iter().position(|field| field.name == name);
            members.sort_by_key(|(name, _)| place(name).unwrap_or(usize::MAX));
            let members = members.into_iter().map(|(name, member)| {
                let kind = place(&name).map_or(FieldKind::Json, |at| nested.fields[at].kind);
                (name, in_order(kind, member))
            });
            Ordered::Object(members.collect())
        }
        (FieldKind::Map(element), Ordered::Object(members)) => {
            let members = members.into_iter().map(|(name, member)| (name, in_order(element.kind, member)));
            Ordered::Object(members.collect())
        }
        (FieldKind::List(element), Ordered::Array(items)) => {
            Ordered::Array(items.into_iter().map(|item| in_order(element.kind, item)).collect())
        }
        (_, other) => other,
    }
}

/// The id that documentation shows for a resource of the collection.
pub(crate) fn id(descriptor: &Descriptor) -> Id {
    match (descriptor.id_kind(), descriptor.example_id) {
        (Some(IdKind::Integer), declared) => {
            Id::Integer(declared.and_then(|id| id.parse().ok()).unwrap_or(1))
        }
        (Some(IdKind::Uuid), declared) => {
            Id::Uuid(declared.and_then(|id| id.parse().ok()).unwrap_or(SAMPLE_UUID))
        }
        (_, Some(declared)) => Id::Slug(declared.to_owned()),
        (_, None) => Id::Slug(words(descriptor.name).replace(' ', "-")),
    }
}

/// A `$filter` that every list of the collection takes.
pub(crate) fn filter(descriptor: &Descriptor) -> String {
    match (Column::CreatedAt.is_in(descriptor), id(descriptor)) {
        (true, _) => "createdAt >= \"2026-01-01T00:00:00Z\"".to_owned(),
        (false, Id::Integer(id)) => format!("id >= {id}"),
        (false, id) => format!("id >= \"{id}\""),
    }
}

/// The same as it stands in a body.
pub(crate) fn id_json(descriptor: &Descriptor) -> Ordered {
    match id(descriptor) {
        Id::Integer(id) => id.into(),
        other => other.to_string().into(),
    }
}

/// The ids of a resource of `node` and of those above it.
pub(crate) fn path(tree: &Tree, node: &Node) -> Path {
    let mut ids = Vec::new();
    let mut at = Some(node);
    while let Some(node) = at {
        if node.id_kind().is_some() {
            ids.push(id(node.descriptor));
        }
        at = node.parent.map(|parent| tree.node(parent));
    }
    ids.reverse();
    Path(ids)
}

/// A stored resource of `node`.
pub(crate) fn record(tree: &Tree, node: &Node) -> Record {
    let mut row: Vec<Value> =
        node.descriptor.fields.iter().map(|field| value(field).unwrap_or(Value::Null)).collect();
    if node.is_change_log {
        row = vec![
            Value::Text("0198c0ffee0070008000000000000001".to_owned()),
            Value::Text("Update".to_owned()),
            Value::Json(json!({"displayName": "Another name"})),
        ];
    }
    Record {
        path: path(tree, node),
        revision: SAMPLE_REVISION,
        incarnation: SAMPLE_REVISION,
        change_count: 0,
        created_at: moment(),
        created_by: None,
        updated_at: moment(),
        updated_by: None,
        deletion: None,
        row: Row(row),
    }
}
