//! The input of one field of a form, and how the script is to read it.

use maud::{Markup, html};
use serde_json::Value as Json;

use crate::{
    codec::{self, Audience},
    descriptor::{FieldDescriptor, FieldKind, Format, IdKind},
    openapi::{constraints, markdown},
};

/// The longest text that still gets a single line, in characters.
const LINE: u64 = 200;

/// What an input holds when its form is opened.
#[derive(Clone, Copy)]
pub(super) enum Begins<'a> {
    /// The value of the resource; what is left as it is will not be sent. A value that is never shown is absent.
    With(Option<&'a Json>),
    /// What the declaration says of a field that is left out.
    AsDeclared,
}

/// The input of a field, in the form `form`.
pub(super) fn of(field: &FieldDescriptor, form: &str, begins: Begins<'_>) -> Markup {
    let id = format!("{form}.{}", field.name);
    let default;
    let (value, is_required) = match begins {
        Begins::With(value) => (value, false),
        Begins::AsDeclared => {
            let declared = field.default_value().filter(|_| !field.input_only);
            default = declared.map(|value| codec::field_to_json(field, &value, Audience::Client));
            (default.as_ref(), field.default_value().is_none())
        }
    };
    let was = match begins {
        Begins::With(Some(value)) => Some(value.to_string()),
        _ => None,
    };
    html! {
        div.input {
            label for=(id) { code { (field.name) } @if is_required { " " small { "required" } } }
            (control(field, &id, value, was.as_deref()))
            p.hint id={ (id) "-hint" } {
                @if field.kind.is_single() { (constraints(field)) ". " } @else { "As JSON. " }
                (markdown::inline(field.doc))
            }
            p.fault id={ (id) "-fault" } hidden {}
        }
    }
}

/// The input of an id that a client may choose.
pub(super) fn id(kind: IdKind, form: &str) -> Markup {
    let id = format!("{form}.id");
    let hint = match kind {
        IdKind::Slug => "1 to 63 lower-case letters, digits and inner hyphens.",
        IdKind::Text => "1 to 255 characters.",
        IdKind::Uuid | IdKind::Integer => "Made by the service where it is left empty.",
    };
    html! {
        div.input {
            label for=(id) { code { "id" } @if matches!(kind, IdKind::Slug | IdKind::Text) { " " small { "required" } } }
            input id=(id) data-name="id" data-kind="id" autocomplete="off" spellcheck="false"
                aria-describedby={ (id) "-hint " (id) "-fault" };
            p.hint id={ (id) "-hint" } { (hint) }
            p.fault id={ (id) "-fault" } hidden {}
        }
    }
}

fn control(field: &FieldDescriptor, id: &str, value: Option<&Json>, was: Option<&str>) -> Markup {
    let described = format!("{id}-hint {id}-fault");
    let kind = kind_of(field);
    let text = value.map(shown).unwrap_or_default();
    let nullable = field.nullable.then_some("");
    let choices: Option<Vec<&str>> = match field.kind {
        FieldKind::Bool => Some(vec!["true", "false"]),
        FieldKind::Enum(declared) => Some(declared.variants.iter().map(|variant| variant.name).collect()),
        _ => None,
    };
    if let Some(choices) = choices {
        // Without a value to begin with, nothing is chosen for the person.
        let has_none = field.nullable || text.is_empty();
        return html! {
            select id=(id) data-name=(field.name) data-kind=(kind) data-nullable=[nullable] data-was=[was] aria-describedby=(described) {
                @if has_none { option value="" selected[text.is_empty()] { "none" } }
                @for choice in choices { option value=(choice) selected[choice == text] { (choice) } }
            }
        };
    }
    let is_long = match field.kind {
        FieldKind::Text => field.length.is_none_or(|(_, most)| most > LINE) || text.contains(['\n', '\r']),
        kind => !kind.is_single(),
    };
    if is_long && !field.input_only {
        return html! {
            textarea id=(id) data-name=(field.name) data-kind=(kind) data-nullable=[nullable] data-was=[was]
                aria-describedby=(described) rows="3" spellcheck="false" {
                // HTML takes a line break at the beginning away.
                @if text.starts_with('\n') { "\n" }
                (text)
            }
        };
    }
    let (ty, mode) = match (field.kind, field.format) {
        _ if field.input_only => ("password", None),
        (FieldKind::Integer { .. }, _) => ("text", Some("numeric")),
        (FieldKind::Float, _) => ("text", Some("decimal")),
        (FieldKind::Date, _) => ("date", None),
        (_, Some(Format::Email)) => ("text", Some("email")),
        (_, Some(Format::Uri)) => ("text", Some("url")),
        _ => ("text", None),
    };
    let autocomplete = if field.input_only { "new-password" } else { "off" };
    html! {
        input id=(id) type=(ty) inputmode=[mode] value=(text) data-name=(field.name) data-kind=(kind) data-nullable=[nullable]
            data-was=[was] autocomplete=(autocomplete) spellcheck="false" aria-describedby=(described);
    }
}

/// How the script makes JSON of what was typed.
fn kind_of(field: &FieldDescriptor) -> &'static str {
    match field.kind {
        FieldKind::Bool => "boolean",
        FieldKind::Integer { .. } if !field.integer_as_text() => "number",
        FieldKind::Float => "number",
        kind if kind.is_single() => "text",
        _ => "json",
    }
}

/// A value as it stands in an input.
fn shown(json: &Json) -> String {
    match json {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        Json::Array(_) | Json::Object(_) => serde_json::to_string_pretty(json).unwrap_or_default(),
        other => other.to_string(),
    }
}
