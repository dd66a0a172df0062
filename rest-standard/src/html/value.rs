//! A value as a person reads it.

use maud::{Markup, html};
use serde_json::Value as Json;

use super::text_of;
use crate::descriptor::{FieldDescriptor, FieldKind, Format};

/// The value of a field.
pub(super) fn field(field: &FieldDescriptor, json: &Json) -> Markup {
    if field.format == Some(Format::Uri)
        && let Some(address) = json.as_str().filter(|address| is_page(address))
    {
        return html! { a href=(address) rel="noreferrer nofollow" { (address) } };
    }
    of_kind(field.kind, json)
}

/// Whether a browser opens the address as a page, and runs nothing in doing so.
fn is_page(address: &str) -> bool {
    ["https://", "http://"]
        .iter()
        .any(|scheme| address.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)))
}

fn of_kind(kind: FieldKind, json: &Json) -> Markup {
    match (kind, json) {
        (_, Json::Null) => none(),
        (FieldKind::Timestamp, Json::String(at)) => instant(at),
        (FieldKind::Text, Json::String(text)) => html! { span.text { (text) } },
        (FieldKind::Bytes, Json::String(bytes)) => html! { code { (bytes) } },
        (FieldKind::List(element), Json::Array(elements)) => {
            if elements.is_empty() {
                return html! { span.none { "empty" } };
            }
            let is_single = element.kind.is_single();
            html! { ul.elements[!is_single].tags[is_single] { @for one in elements { li { (of_kind(element.kind, one)) } } } }
        }
        (FieldKind::Map(element), Json::Object(members)) => {
            if members.is_empty() {
                return html! { span.none { "empty" } };
            }
            html! { dl.members { @for (name, one) in members { dt { (name) } dd { (of_kind(element.kind, one)) } } } }
        }
        (FieldKind::Object(declared), Json::Object(members)) => html! {
            dl.members {
                @for member in declared.fields {
                    @if let Some(value) = members.get(member.name) { dt { (member.name) } dd { (field(member, value)) } }
                }
            }
        },
        (_, Json::Object(_) | Json::Array(_)) => any(json),
        (_, Json::String(text)) => html! { (text) },
        (_, Json::Bool(_) | Json::Number(_)) => html! { (json.to_string()) },
    }
}

/// A value that no declaration describes.
pub(super) fn any(json: &Json) -> Markup {
    let text = serde_json::to_string_pretty(json).unwrap_or_default();
    html! { pre.json { code { (text) } } }
}

/// What stands for an absent value.
pub(super) fn none() -> Markup {
    html! { span.none { "none" } }
}

/// An instant of the wire, in digits that a person can read.
fn instant(at: &str) -> Markup {
    let read = at.replacen('T', " ", 1);
    let read = read.strip_suffix('Z').unwrap_or(&read);
    html! { time datetime=(at) { (read) " UTC" } }
}

/// The value of a framework's own field.
pub(super) fn own(name: &str, json: &Json) -> Markup {
    match json {
        Json::Null => none(),
        Json::String(at) if name.ends_with("At") => instant(at),
        Json::String(text) if name == "etag" => html! { code { (text) } },
        other => html! { (other.as_str().map_or_else(|| other.to_string(), str::to_owned)) },
    }
}

/// A value within a row: a nested one is what it is as JSON.
pub(super) fn cell(field: &FieldDescriptor, json: &Json) -> Markup {
    match (field.kind, json) {
        (FieldKind::List(element), Json::Array(elements)) if element.kind.is_single() => {
            html! { (elements.iter().map(|one| one.as_str().map_or_else(|| one.to_string(), str::to_owned)).collect::<Vec<_>>().join(", ")) }
        }
        (FieldKind::Timestamp, Json::String(_)) | (_, Json::Null) => of_kind(field.kind, json),
        (_, Json::Object(_) | Json::Array(_)) => html! { code { (json.to_string()) } },
        _ => html! { (if json.is_string() { text_of(json).to_owned() } else { json.to_string() }) },
    }
}
