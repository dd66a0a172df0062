//! Types and constraints in words.

use maud::{Markup, html};

use crate::{
    descriptor::{Element, FieldDescriptor, FieldKind, Format, IdKind, Range},
    openapi::{ordered::Ordered, schema::SLUG},
};

/// The type of a field with its constraints.
pub(crate) fn field(field: &FieldDescriptor) -> Markup {
    let bounds = bounds(field);
    html! {
        (kind(field.kind))
        @if field.integer_as_text() { " in a string" }
        @if let Some(format) = field.format { ", " (format_name(format)) }
        @if let Some(bounds) = bounds { ", " (bounds) }
        @if field.nullable { ", or null" }
        @if let Some(pattern) = field.pattern { ", matches " code { (pattern.text()) } }
    }
}

/// A type without constraints.
fn kind(kind: FieldKind) -> Markup {
    html! {
        @match kind {
            FieldKind::Text => "text",
            FieldKind::Bool => "true or false",
            FieldKind::Integer { .. } => "integer",
            FieldKind::Float => "number",
            FieldKind::Uuid => "UUID",
            FieldKind::Timestamp => "timestamp",
            FieldKind::Date => "date",
            FieldKind::Bytes => "bytes in base64",
            FieldKind::Enum(declared) => { "enum " (declared.name) },
            FieldKind::List(element) => { "list of " (self::element(*element)) },
            FieldKind::Map(element) => { "map from text to " (self::element(*element)) },
            FieldKind::Object(value) => { a href={ "#" (value_anchor(value.name)) } { (value.name) } },
            FieldKind::Foreign(declared) => { "JSON, a " code { ((declared.name)()) } },
            FieldKind::Json => "JSON",
        }
    }
}

fn element(element: Element) -> Markup {
    html! { (kind(element.kind)) @if element.nullable { " or null" } }
}

fn format_name(format: Format) -> &'static str {
    match format {
        Format::Email => "an e-mail address",
        Format::Uri => "an absolute URI",
        Format::Hostname => "a host name",
        Format::Ipv4 => "an IPv4 address",
        Format::Ipv6 => "an IPv6 address",
        Format::TimeZone => "the name of an IANA time zone",
        Format::RegionCode => "a region code of ISO 3166-1 alpha-2",
        Format::LanguageCode => "a language tag of BCP 47",
    }
}

fn bounds(field: &FieldDescriptor) -> Option<String> {
    if let Some((min, max)) = field.length {
        let unit = match field.kind {
            FieldKind::List(_) => "element",
            FieldKind::Map(_) => "member",
            _ => "character",
        };
        let many = |number: u64| if number == 1 { unit.to_owned() } else { format!("{unit}s") };
        return match (min, max) {
            (0, u64::MAX) => None,
            (0, max) => Some(format!("at most {max} {}", many(max))),
            (min, u64::MAX) => Some(format!("at least {min} {}", many(min))),
            (min, max) if min == max => Some(format!("{min} {}", many(min))),
            (min, max) => Some(format!("{min} to {max} {}", many(max))),
        };
    }
    match (field.kind, field.range) {
        (FieldKind::Integer { min, max }, _) => {
            let (low, high) = field.integer_bounds()?;
            let is_whole = min == i64::MIN && max == i64::MAX;
            match (low == i64::MIN, high == i64::MAX) {
                (true, true) => None,
                (false, true) if is_whole => Some(format!("at least {low}")),
                (true, false) if is_whole => Some(format!("at most {high}")),
                _ => Some(format!("{low} to {high}")),
            }
        }
        (_, Some(Range::Float(low, high))) => match (low, high) {
            (Some(low), Some(high)) => Some(format!("{low} to {high}")),
            (Some(low), None) => Some(format!("at least {low}")),
            (None, Some(high)) => Some(format!("at most {high}")),
            (None, None) => None,
        },
        _ => None,
    }
}

/// The anchor of a nested value's table.
pub(super) fn value_anchor(name: &str) -> String {
    format!("value-{name}")
}

/// An id in words, and where it comes from.
pub(super) fn id(kind: IdKind) -> (&'static str, &'static str) {
    match kind {
        IdKind::Uuid => ("UUID", "Made by the service (version 7) unless the client sends one at create."),
        IdKind::Slug => {
            ("slug", "Chosen by the client: 1 to 63 lower-case letters, digits and inner hyphens.")
        }
        IdKind::Text => ("text", "1 to 255 characters, chosen by the client; percent-encoded in an address."),
        IdKind::Integer => ("integer", "Made by the service."),
    }
}

/// The schema of a parameter, header or member of the framework's own.
pub(super) fn schema(schema: &Ordered) -> String {
    let get = |name: &str| schema.get(name).and_then(Ordered::as_str);
    if let Some(reference) = get("$ref") {
        let name = reference.rsplit('/').next().unwrap_or_default();
        return if name.starts_with("Api") { "object".to_owned() } else { format!("enum {name}") };
    }
    let types = match schema.get("type") {
        Some(Ordered::Array(types)) => types.iter().filter_map(Ordered::as_str).collect(),
        ty => vec![ty.and_then(Ordered::as_str).unwrap_or("any JSON")],
    };
    let named = types.into_iter().map(|ty| match (ty, get("format")) {
        ("string", Some("uuid")) => "UUID",
        ("string", Some("date-time")) => "timestamp",
        ("string", Some("date")) => "date",
        ("string", Some("uri")) => "URL",
        ("string", _) if get("pattern") == Some(SLUG) => "slug",
        ("string", _) => "text",
        ("boolean", _) => "true or false",
        ("array", _) => "list",
        (other, _) => other,
    });
    let mut words = named.collect::<Vec<_>>().join(" or ");
    if let Some(Ordered::Array(choices)) = schema.get("enum") {
        let choices: Vec<_> = choices.iter().filter_map(Ordered::as_str).collect();
        if choices.len() <= 6 {
            words = choices.join(" or ");
        }
    }
    if let Some(default) = schema.get("default") {
        words.push_str(&format!(", default {}", default.to_text()));
    }
    words
}
