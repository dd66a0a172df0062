//! What all operations have in common, said once: the envelope, parameters, fields, headers and errors.

use std::collections::BTreeMap;

use http::StatusCode;
use maud::{Markup, html};

use super::{Page, markdown, text, words};
use crate::{
    error::Reason,
    openapi::{
        framework,
        operation::{Operation, Parameter, Refusal},
        ordered::Ordered,
        refusal, sample,
    },
};

/// The statuses that every operation can be refused with.
pub(super) const EVERYWHERE: [u16; 7] = [400, 406, 414, 421, 500, 503, 504];

/// The anchor of the fields that every resource has.
pub(super) const FIELDS: &str = "shared-fields";

/// The anchor of all errors.
pub(super) const ERRORS: &str = "shared-errors";

/// The parts with their titles.
pub(super) const PARTS: [(&str, &str); 5] = [
    ("shared-answers", "Answers"),
    ("shared-parameters", "Parameters"),
    (FIELDS, "Shared fields"),
    ("shared-headers", "Headers"),
    (ERRORS, "Errors"),
];

pub(super) fn parameter_anchor(parameter: &Parameter) -> String {
    format!("param-{}", parameter.component.unwrap_or(&parameter.name))
}

pub(super) fn field_anchor(name: &str) -> String {
    format!("field-{name}")
}

pub(super) fn header_anchor(name: &str) -> String {
    format!("header-{name}")
}

pub(super) fn error_anchor(status: u16) -> String {
    format!("error-{status}")
}

/// The status in words: `Not Found`.
pub(super) fn phrase(status: u16) -> &'static str {
    StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or_default()
}

impl Page<'_> {
    pub(super) fn shared(&self) -> Markup {
        let contents =
            [self.answers_of_all(), self.parameters_of_all(), self.fields(), headers(), self.errors()];
        html! {
            @for ((anchor, title), content) in PARTS.into_iter().zip(contents) {
                section.resource id=(anchor) { h2 { (title) } (content) }
            }
        }
    }

    fn all(&self) -> impl Iterator<Item = &Operation<'_>> {
        self.entry_point.iter().chain(self.by_node.values().flatten()).copied()
    }

    fn answers_of_all(&self) -> Markup {
        let status = Ordered::object([
            ("code", 200_i64.into()),
            ("description", "The resource as it is now.".into()),
            ("additionalInfo", Ordered::object([])),
        ]);
        let request = Ordered::object([
            ("id", "0198c0ffee0070008000000000000001".into()),
            ("uri", format!("{}/things/a", self.about.root_path).into()),
            ("queryString", "".into()),
            ("body", Ordered::from(serde_json::Value::Null)),
        ]);
        let data = Ordered::object([
            ("meta", Ordered::object([])),
            ("values", Ordered::object([("id", "a".into()), ("url", "…".into())])),
        ]);
        let envelope = Ordered::object([("status", status), ("request", request), ("data", data)]);
        html! {
            div.columns {
                div {
                    p {
                        "Every answer has this shape. " code { "values" } " is a resource, an array of them, or "
                        code { "{}" } " where there is nothing to return."
                    }
                }
                div.side { div.code { pre data-copy { code.json { (text(&envelope.to_pretty_text())) } } } }
            }
            (schema_table("ApiRequest", "request"))
            (schema_table("ApiListMeta", "meta of a list"))
            (schema_table("ApiMeta", "meta of anything else"))
            (schema_table("ApiLink", "A link"))
        }
    }

    fn parameters_of_all(&self) -> Markup {
        let shared = self.all().flat_map(|operation| &operation.parameters);
        let shared: BTreeMap<_, _> =
            shared.filter_map(|parameter| Some((parameter.component?, parameter))).collect();
        let rows = shared.into_values().map(|parameter| {
            let ty = format!("{}, {}", parameter.place.name(), words::schema(&parameter.schema));
            (parameter_anchor(parameter), parameter.name.as_str(), ty, parameter.doc.as_str())
        });
        html! {
            p { "Operations name those that they take. Unknown parameters are refused." }
            (table("Shared parameters", "Parameter", rows))
        }
    }

    fn fields<'p>(&'p self) -> Markup {
        let row = |(name, schema): &'p (&'static str, Ordered)| {
            (field_anchor(name), *name, words::schema(schema), description(schema))
        };
        html! {
            p { "Every resource has these fields. The service sets them; in bodies they are ignored, so that what was read can be sent back." }
            (table("Fields of every resource", "Field", self.framework.iter().map(row)))
            @if !self.deletion.is_empty() {
                p { "Resources that can be brought back after a delete have these as well." }
                (table("Fields of deleted resources", "Field", self.deletion.iter().map(row)))
            }
        }
    }

    fn errors(&self) -> Markup {
        let mut refusals: BTreeMap<u16, Refusal> = BTreeMap::new();
        for refusal in self.all().flat_map(|operation| &operation.refusals) {
            let all =
                refusals.entry(refusal.status).or_insert_with(|| Refusal::new(refusal.status, Vec::new()));
            let new =
                refusal.reasons.iter().filter(|reason| !all.reasons.contains(reason)).collect::<Vec<_>>();
            all.reasons.extend(new);
        }
        // No operation has it: it is the answer where there is none.
        refusals.insert(405, Refusal::new(405, vec![Reason::MethodNotAllowed]));
        for refusal in refusals.values_mut() {
            refusal.reasons.sort_by_key(|reason| Reason::ALL.iter().position(|other| other == reason));
        }
        let uri = format!("{}/", self.about.root_path);
        html! {
            p {
                "A refusal has " code { "data: null" } " and tells in " code { "status.additionalInfo" }
                " everything that a program needs to know. A client that ranks " code { "application/problem+json" }
                " higher in " code { "Accept" } " gets the same as RFC 9457 has it."
            }
            (everywhere())
            (schema_table("ApiErrorInfo", "additionalInfo of an error"))
            (schema_table("ApiFault", "An entry of errors"))
            @for (status, refusal) in refusals {
                div.columns.error id=(error_anchor(status)) {
                    div {
                        h3 { (status) " " (phrase(status)) }
                        p { (markdown::inline(&refusal::text(status, &refusal.reasons))) }
                    }
                    div.side {
                        details.code {
                            summary { "Example of " (status) }
                            pre data-copy { code.json { (text(&sample::refusal(&refusal, uri.trim_end_matches('/'), false).to_pretty_text())) } }
                        }
                    }
                }
            }
        }
    }
}

fn headers() -> Markup {
    let headers = framework::headers();
    let rows = headers.iter().map(|(name, header)| {
        let schema = header.get("schema").map(words::schema).unwrap_or_default();
        (header_anchor(name), *name, schema, description(header))
    });
    html! {
        p { "Answers have the first three always, the others where they apply." }
        (table("Headers of answers", "Header", rows))
    }
}

/// One of the framework's own objects, as a table.
fn schema_table(name: &str, title: &str) -> Markup {
    let schemas = framework::schemas();
    let schema = schemas.iter().find(|(other, _)| *other == name).map(|(_, schema)| schema);
    let Some(Ordered::Object(members)) = schema.and_then(|schema| schema.get("properties")) else {
        return html! {};
    };
    let rows = members.iter().map(|(member, schema)| {
        (format!("shared-{name}.{member}"), &**member, words::schema(schema), description(schema))
    });
    html! { h3 { (title) } (table(title, "Member", rows)) }
}

fn description(schema: &Ordered) -> &str {
    schema.get("description").and_then(Ordered::as_str).unwrap_or_default()
}

fn table<'a>(
    caption: &str,
    first: &str,
    rows: impl Iterator<Item = (String, &'a str, String, &'a str)>,
) -> Markup {
    html! {
        table {
            caption { (caption) }
            thead { tr { th scope="col" { (first) } th scope="col" { "Meaning" } } }
            tbody {
                @for (anchor, name, ty, doc) in rows {
                    tr id=(anchor) {
                        th scope="row" { code { (name) } small { (ty) } }
                        td { p { (markdown::inline(doc)) } }
                    }
                }
            }
        }
    }
}

/// A status, which leads to what is said of it.
pub(super) fn error(status: u16) -> Markup {
    html! { a href={ "#" (error_anchor(status)) } { (status) } }
}

/// The statuses that every operation can be refused with, in a sentence.
fn everywhere() -> Markup {
    html! {
        p {
            "Every operation can be refused with "
            @for (at, status) in EVERYWHERE.into_iter().enumerate() {
                @if at + 1 == EVERYWHERE.len() { " and " } @else if at > 0 { ", " }
                (error(status))
            }
            "; the others are named where they apply. A method that an address does not have is answered with "
            (error(405)) ", and " code { "Allow" } " names those that it has."
        }
    }
}
