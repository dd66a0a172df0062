//! One operation: what it takes, what it answers, how it is called.

use maud::{Markup, html};

use super::{Page, anchor, markdown, shared, text, title, words};
use crate::{
    descriptor::{BatchMethod, FieldDescriptor, IdKind},
    document::wire_name,
    openapi::{
        document::call,
        operation::{Answer, Body, Content, Kind, Operation, Parameter, Place, Refusal, Values},
        ordered::Ordered,
        reader, snippet,
    },
    tree::Node,
};

impl Page<'_> {
    pub(super) fn operation(&self, operation: &Operation<'_>) -> Markup {
        let Operation { id, method, path, summary, description, .. } = operation;
        html! {
            details.op data-m=(method) {
                summary {
                    h3 {
                        b.m data-m=(method) { (method) } " "
                        code { (marked(path)) } " "
                        span { (markdown::inline(summary)) }
                    }
                }
                // The anchor is within, so that a link to it opens the details in every browser, with or without script.
                div.columns id=(id) data-method=(method) data-path=(path) {
                    div {
                        (markdown::block(description))
                        (self.parameters(operation))
                        @if let Some(body) = &operation.body { (request(operation, body)) }
                        (self.answers(operation))
                        (errors(operation))
                    }
                    div.side { (snippets(operation, self.root)) }
                }
            }
        }
    }

    fn parameters(&self, operation: &Operation<'_>) -> Markup {
        let (shared, own): (Vec<_>, Vec<_>) =
            operation.parameters.iter().partition(|parameter| parameter.component.is_some());
        // A standard name begins with `$`; the other names in a query are those of fields.
        let is_field =
            |parameter: &&Parameter| parameter.place == Place::Query && !parameter.name.starts_with('$');
        let (fields, own): (Vec<_>, Vec<_>) = own.into_iter().partition(is_field);
        html! {
            h4 { "Parameters" }
            @if !own.is_empty() {
                table {
                    caption { "Parameters of " (operation.id) }
                    thead { tr { th scope="col" { "Parameter" } th scope="col" { "Meaning" } } }
                    tbody {
                        @for parameter in own {
                            tr data-in=(parameter.place.name()) data-name=(parameter.name) data-example=[example(parameter)] {
                                th scope="row" {
                                    code { (parameter.name) }
                                    small { (parameter.place.name()) ", " (words::schema(&parameter.schema)) }
                                }
                                td {
                                    p { (markdown::inline(&parameter.doc)) }
                                    @if let Some(example) = example(parameter) { p.tags { span { "example " code { (example) } } } }
                                }
                            }
                        }
                    }
                }
            }
            @if !fields.is_empty() {
                p.more data-given {
                    "Only resources with this value: "
                    @for (at, parameter) in fields.into_iter().enumerate() {
                        @if at > 0 { ", " }
                        a href={ "#" (self.field_anchor(operation.node, &parameter.name)) } { (parameter.name) }
                    }
                    "."
                }
            }
            p.more data-given {
                "Also: "
                @for (at, parameter) in shared.into_iter().enumerate() {
                    @if at > 0 { ", " }
                    a href={ "#" (shared::parameter_anchor(parameter)) } { (parameter.name) }
                    @if parameter.required { " (required)" }
                }
                "."
            }
        }
    }

    /// Where a field of the node is described.
    fn field_anchor(&self, node: Option<&Node>, name: &str) -> String {
        match node {
            Some(node) if !self.framework.iter().chain(&self.deletion).any(|(shared, _)| *shared == name) => {
                format!("{}.{name}", anchor(node))
            }
            _ => shared::field_anchor(name),
        }
    }

    fn answers(&self, operation: &Operation<'_>) -> Markup {
        html! {
            h4 { "Answers" }
            table {
                caption { "Successes of " (operation.id) }
                thead { tr { th scope="col" { "Status" } th scope="col" { "Meaning" } } }
                tbody { @for answer in &operation.answers { (row(operation.kind, answer)) } }
            }
        }
    }
}

fn row(kind: Kind, answer: &Answer<'_>) -> Markup {
    // What a custom method answers with is told by its values alone.
    let is_told = matches!(kind, Kind::Custom(_)) && answer.status == 200;
    html! {
        tr {
            th scope="row" { code { (answer.status) } small { (shared::phrase(answer.status)) } }
            td {
                @if !is_told { p { (markdown::inline(answer.description)) } }
                p.more {
                    (values(answer.values))
                    @if !answer.headers.is_empty() {
                        " With "
                        @for (at, name) in answer.headers.iter().enumerate() {
                            @if at > 0 { ", " }
                            a href={ "#" (shared::header_anchor(name)) } { (name) }
                        }
                        "."
                    }
                }
            }
        }
    }
}

/// What `values` is, in words.
fn values(values: Values<'_>) -> Markup {
    let resource = |node: &Node| {
        let noun = if node.is_change_log { "change".to_owned() } else { reader::noun(node.descriptor) };
        html! { a href={ "#" (anchor(node)) } { (noun) } }
    };
    let value = |name: &str| html! { a href={ "#" (words::value_anchor(name)) } { (name) } };
    let (one, other) = match values {
        Values::NotModified => return html! { "No body." },
        Values::EntryPoint => (html! { "an object with " code { "links" } }, None),
        Values::List(node) => {
            (html! { "a list of " a href={ "#" (anchor(node)) } { (title(node).to_lowercase()) } }, None)
        }
        Values::Lines(node) => {
            let link = html! { a href={ "#" (anchor(node)) } { (reader::noun(node.descriptor)) } };
            return html! { "A line for each " (link) ", without an envelope." };
        }
        Values::Count => (html! { "an object with the number " code { "created" } }, None),
        Values::Several(node) => {
            (html! { "an array of " a href={ "#" (anchor(node)) } { (title(node).to_lowercase()) } }, None)
        }
        Values::Resource(node) => (html! { "the " (resource(node)) }, None),
        Values::ResourceOrNothing(node) => (html! { "the " (resource(node)) }, Some(html! { code { "{}" } })),
        Values::Nothing => (html! { code { "{}" } }, None),
        Values::Value(of) => (html! { (value(of.name)) }, None),
        Values::ValueOrResource(of, node) => (value(of.name), Some(html! { "the " (resource(node)) })),
        Values::ValueOrNothing(of) => (value(of.name), Some(html! { code { "{}" } })),
    };
    html! { code { "values" } " is " (one) @if let Some(other) = other { ", or " (other) } "." }
}

/// The body: its members by name and an example in each media type.
fn request(operation: &Operation<'_>, body: &Body) -> Markup {
    let mut examples: Vec<(String, &Ordered)> = Vec::new();
    let mut others = Vec::new();
    for Content { media, example, .. } in &body.contents {
        match (example, examples.last_mut()) {
            (Some(example), Some((media_types, last))) if *last == example => {
                media_types.push(' ');
                media_types.push_str(media);
            }
            (Some(example), _) => examples.push(((*media).to_owned(), example)),
            (None, _) => others.push(*media),
        }
    }
    html! {
        h4 { "Body" @if !body.required { small { " optional" } } }
        (members(operation))
        @for (media_types, example) in examples {
            p.media { @for media in media_types.split(' ') { code { (media) } " " } }
            pre data-media=(media_types) data-copy {
                code.json {
                    @match example.as_str() {
                        Some(lines) => (text(lines)),
                        None => (text(&example.to_pretty_text())),
                    }
                }
            }
        }
        @if !others.is_empty() {
            p.media { @for media in others { code data-media=(media) { (media) } " " } "without an example" }
        }
    }
}

/// The members of the body by name, and where they are described.
fn members(operation: &Operation<'_>) -> Markup {
    let Some(node) = operation.node else { return html! {} };
    let own = anchor(node);
    let (fields, anchor) = match operation.kind {
        Kind::Batch(method) => return batch_members(method, &own),
        Kind::Custom(method) => match method.input {
            Some(input) => (input.fields, words::value_anchor(input.name)),
            None => return html! {},
        },
        Kind::Import => {
            return html! {
                p.more { "Each line is the body of a create. " a href={ "#" (own) } { "What they mean" } "." }
            };
        }
        Kind::Create | Kind::Replace | Kind::Patch => (node.descriptor.fields, own),
        _ => return html! {},
    };
    let is_patch = matches!(operation.kind, Kind::Patch);
    let creates = matches!(operation.kind, Kind::Create);
    let (id_required, id_optional) = match node.id_kind() {
        Some(IdKind::Slug | IdKind::Text) => (creates, false),
        Some(IdKind::Uuid) => (false, creates),
        _ => (false, false),
    };
    let taken = || fields.iter().filter(|field| !field.output_only);
    let is_required = |field: &&FieldDescriptor| field.default_value().is_none();
    let names = |id: bool, fields: Vec<&FieldDescriptor>| {
        let id = id.then_some("id").into_iter();
        id.chain(fields.iter().map(|field| field.name)).collect::<Vec<_>>().join(", ")
    };
    let (required, optional): (Vec<_>, Vec<_>) = if is_patch {
        (Vec::new(), taken().filter(|field| !field.immutable).collect())
    } else {
        taken().partition(is_required)
    };
    html! {
        p.more {
            @if id_required || !required.is_empty() { "Required: " (names(id_required, required)) ". " }
            @if id_optional || !optional.is_empty() {
                @if is_patch { "Any of " } @else { "Optional: " }
                (names(id_optional, optional)) ". "
            }
            a href={ "#" (anchor) } { "What they mean" } "."
        }
    }
}

/// The members of a batch's body, and where those of its items are described.
fn batch_members(method: BatchMethod, anchor: &str) -> Markup {
    let (member, each) = match method {
        BatchMethod::Get => return html! { p.more { "Required: ids. " } },
        BatchMethod::Create => ("items", "the body of a create"),
        BatchMethod::Update => ("items", "id and patch, a JSON Merge Patch; optional: etag"),
        BatchMethod::Delete => ("items", "id; optional: etag"),
    };
    html! {
        p.more {
            "Required: " (member) ", each with " (each) ". "
            @if method != BatchMethod::Delete { a href={ "#" (anchor) } { "What they mean" } "." }
        }
    }
}

fn errors(operation: &Operation<'_>) -> Markup {
    let own: Vec<&Refusal> =
        operation.refusals.iter().filter(|refusal| !shared::EVERYWHERE.contains(&refusal.status)).collect();
    html! {
        h4 { "Errors" }
        @if !own.is_empty() {
            ul.errors {
                @for refusal in own { li { (shared::error(refusal.status)) " " span { (reasons(refusal)) } } }
            }
        }
        p.more { "And those of " a href={ "#" (shared::ERRORS) } { "every operation" } "." }
    }
}

fn reasons(refusal: &Refusal) -> String {
    refusal.reasons.iter().map(|reason| wire_name(*reason)).collect::<Vec<_>>().join(", ")
}

/// The call in each language, one shown at a time; without style sheets all of them, one below the other.
fn snippets(operation: &Operation<'_>, root: &str) -> Markup {
    let id = &operation.id;
    html! {
        div.code.tabs role="group" aria-label={ "Example of " (id) } {
            @for (at, snippet) in snippet::all(&call(operation, root)).iter().enumerate() {
                input type="radio" name=(id) id={ (id) "-" (at) } checked[at == 0];
                label for={ (id) "-" (at) } { (snippet.label) }
                pre data-copy { code { (text(&snippet.source)) } }
            }
        }
    }
}

/// The path with its parameters set apart.
fn marked(path: &str) -> Markup {
    html! {
        @for (at, part) in path.split('{').enumerate() {
            @if at == 0 { (part) } @else {
                @let (name, rest) = part.split_once('}').unwrap_or((part, ""));
                i { "{" (name) "}" } (rest)
            }
        }
    }
}

fn example(parameter: &Parameter) -> Option<String> {
    parameter.example.as_ref().map(|example| match example.as_str() {
        Some(text) => text.to_owned(),
        None => example.to_text(),
    })
}
