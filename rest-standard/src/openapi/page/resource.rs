//! One resource: what it is, its fields, an example, its operations.

use std::collections::BTreeSet;

use maud::{Markup, html};

use super::{Page, anchor, markdown, shared, text, title, words};
use crate::{
    codec::{Audience, field_to_json},
    descriptor::{Descriptor, EnumDescriptor, FieldDescriptor, FieldKind, Method, Output, ValueDescriptor},
    document::Site,
    openapi::{names, ordered::Ordered, sample},
    query::{Use, names_for},
    tree::Node,
};

impl Page<'_> {
    /// The section of a node; `met` are the nested values that have a table already.
    pub(super) fn resource(&self, node: &Node, met: &mut BTreeSet<&'static str>) -> Markup {
        let descriptor = node.descriptor;
        let anchor = anchor(node);
        let mut example = sample::resource(Site { tree: self.tree, root: self.root }, node);
        let all_links = shorten_links(&mut example);
        let mut values = Vec::new();
        for field in descriptor.fields {
            collect(field.kind, met, &mut values);
        }
        for method in descriptor.custom_methods {
            let output = if let Output::Value(value) = method.output { Some(value) } else { None };
            for value in method.input.into_iter().chain(output) {
                collect(FieldKind::Object(value), met, &mut values);
            }
        }
        html! {
            section.resource id=(anchor) {
                (self.place(node))
                h2 { (title(node)) }
                p.address { code { (address(self, node)) } }
                div.columns {
                    div {
                        (markdown::block(descriptor.doc))
                        (facts(self, node))
                        h3 { "Fields" }
                        table {
                            caption { "Fields of " (title(node).to_lowercase()) }
                            (head())
                            tbody {
                                (id_row(node, &anchor))
                                (rows(descriptor.fields, &anchor))
                            }
                        }
                        p.more {
                            "And " @for (at, (name, _)) in self.framework.iter().enumerate() {
                                @if at > 0 { ", " } code { (name) }
                            }
                            ", which " a href={ "#" (shared::FIELDS) } { "every resource has" } "."
                        }
                        @for value in values { (value_table(value)) }
                    }
                    div.side {
                        div.code {
                            h3 { "Example" }
                            pre data-copy { code.json { (text(&example.to_pretty_text())) } }
                            @if all_links > 1 { p.more { "The first of " (all_links) " links is shown." } }
                        }
                    }
                }
                @for operation in self.operations(node) { (self.operation(operation)) }
            }
        }
    }

    /// Where the node stands: its kind and what is above it.
    fn place(&self, node: &Node) -> Markup {
        let kind = if node.id_kind().is_some() { "Collection" } else { "Singleton" };
        html! {
            p.place {
                (kind)
                @if let Some(parent) = node.parent.map(|parent| self.tree.node(parent)) {
                    " below " a href={ "#" (anchor(parent)) } { (title(parent)) }
                }
            }
        }
    }
}

/// Leaves the first link in an example, and says how many there were: they are most of its text.
fn shorten_links(example: &mut Ordered) -> usize {
    let Some(Ordered::Array(links)) = example.get("links") else { return 0 };
    let (count, first) = (links.len(), links.iter().take(1).cloned().collect());
    example.set("links", Ordered::Array(first));
    count
}

/// The address of one resource, with its parameters in braces.
fn address(page: &Page<'_>, node: &Node) -> String {
    let mut segments = Vec::new();
    let mut at = Some(node);
    while let Some(node) = at {
        if node.id_kind().is_some() {
            segments.push(format!("{{{}}}", names::id_parameter(node.descriptor)));
        }
        segments.push(node.descriptor.segment.to_owned());
        at = node.parent.map(|parent| page.tree.node(parent));
    }
    segments.reverse();
    format!("/{}", segments.join("/"))
}

/// What is special about the resource.
fn facts(page: &Page<'_>, node: &Node) -> Markup {
    let Descriptor { upsert, require_if_match, slash_verbs, custom_methods, methods, soft_delete, .. } =
        *node.descriptor;
    let log = node.changes.map(|log| page.tree.node(log));
    let upsert = upsert && node.id_kind().is_some();
    let is_read_only =
        !methods.has(Method::Create) && !methods.has(Method::Update) && custom_methods.is_empty();
    let slash_verbs = slash_verbs && !custom_methods.is_empty();
    if log.is_none() && !upsert && !require_if_match && !slash_verbs && !is_read_only && soft_delete.is_none()
    {
        return html! {};
    }
    html! {
        ul.notes {
            @if let Some(log) = log {
                li {
                    "Each change is recorded in " a href={ "#" (anchor(log)) } { "its changes" }
                    @if let Some(seconds) = node.descriptor.keep_changes { ", which are kept for " (time(seconds)) }
                    "."
                }
            }
            @if upsert { li { "PUT on a new id creates the resource." } }
            @if require_if_match { li { "Writes need " code { "If-Match" } "." } }
            @if let Some(seconds) = soft_delete {
                li { "A deleted resource can be brought back for " (time(seconds)) " with " code { ":undelete" } "." }
            }
            @if slash_verbs { li { "Custom methods are also behind a slash instead of a colon." } }
            @if is_read_only { li { "Written by the service alone." } }
        }
    }
}

/// A time in words, in the largest unit that it is a whole number of.
fn time(seconds: u64) -> String {
    let units = [(86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];
    let (unit, name) =
        units.into_iter().find(|(unit, _)| seconds.is_multiple_of(*unit)).unwrap_or((1, "second"));
    let count = seconds / unit;
    format!("{count} {name}{}", if count == 1 { "" } else { "s" })
}

/// The head of every table of fields.
fn head() -> Markup {
    html! { thead { tr { th scope="col" { "Field" } th scope="col" { "Meaning" } } } }
}

fn id_row(node: &Node, anchor: &str) -> Markup {
    let (ty, from) = match node.id_kind() {
        Some(kind) => words::id(kind),
        None => ("text", ""),
    };
    let listed = node.id_kind().is_some() && node.descriptor.methods.has(Method::List);
    let used = |usage| listed && names_for(node.descriptor, usage).any(|name| name == "id");
    html! {
        tr id={ (anchor) ".id" } {
            th scope="row" { code { "id" } small { (ty) } }
            td {
                p {
                    "Names the resource within its collection. " (from)
                    @if node.id_kind().is_none() { "Always " code { (node.descriptor.segment) } "." }
                }
                p.tags {
                    i { "immutable" }
                    @if used(Use::Filter) { i { "filter" } }
                    @if used(Use::Order) { i { "order" } }
                }
            }
        }
    }
}

/// The longest default beside the other properties of a field, in bytes.
const LONGEST_TAG: usize = 32;

/// A row for each field, with an anchor for each.
fn rows(fields: &[FieldDescriptor], anchor: &str) -> Markup {
    let mut listed = BTreeSet::new();
    html! { @for field in fields { (row(field, anchor, &mut listed)) } }
}

fn row(field: &FieldDescriptor, anchor: &str, listed: &mut BTreeSet<&'static str>) -> Markup {
    let default = field.default_value();
    let shown = default.as_ref().filter(|default| !default.is_null() && !field.output_only);
    let shown = shown.map(|default| field_to_json(field, default, Audience::Store).to_string());
    let (short, long) = match shown {
        Some(default) if default.len() > LONGEST_TAG => (None, Some(default)),
        short => (short, None),
    };
    html! {
        tr id={ (anchor) "." (field.name) } {
            th scope="row" { code { (field.name) } small { (words::field(field)) } }
            td {
                @if !field.doc.trim().is_empty() { p { (markdown::inline(field.doc)) } }
                p.tags {
                    @if field.output_only { i { "output-only" } }
                    @else if default.is_none() { i.required { "required" } }
                    @else { i { "optional" } }
                    @if field.input_only { i { "input-only" } }
                    @if field.immutable { i { "immutable" } }
                    @if field.unique { i { "unique" } }
                    @if field.filter { i { "filter" } }
                    @if field.order { i { "order" } }
                    @if field.search { i { "search" } }
                    @if let Some(default) = short { span { "default " code { (default) } } }
                }
                @if let Some(default) = long { p.more { "Default " code { (default) } } }
                @if let Some(declared) = enumeration(field.kind) { (variants(declared, listed)) }
            }
        }
    }
}

/// The enum of a field or of its elements.
fn enumeration(kind: FieldKind) -> Option<&'static EnumDescriptor> {
    match kind {
        FieldKind::Enum(declared) => Some(declared),
        FieldKind::List(element) | FieldKind::Map(element) => enumeration(element.kind),
        _ => None,
    }
}

/// The variants with numbers and descriptions; by name alone where the table has them already.
fn variants(declared: &'static EnumDescriptor, listed: &mut BTreeSet<&'static str>) -> Markup {
    if !listed.insert(declared.name) {
        return html! {
            p.more {
                "One of " @for (at, variant) in declared.variants.iter().enumerate() {
                    @if at > 0 { ", " } code { (variant.name) }
                } ", as above."
            }
        };
    }
    html! {
        (markdown::block(declared.doc))
        ul.variants {
            @for variant in declared.variants {
                li {
                    span.number { (variant.number) } " " code { (variant.name) } " "
                    span { (markdown::inline(variant.doc)) @if variant.number == 0 { " The default." } }
                }
            }
        }
    }
}

/// Adds the nested values that a field leads to and that have no table yet.
fn collect(kind: FieldKind, met: &mut BTreeSet<&'static str>, values: &mut Vec<&'static ValueDescriptor>) {
    match kind {
        FieldKind::List(element) | FieldKind::Map(element) => collect(element.kind, met, values),
        FieldKind::Object(value) if met.insert(value.name) => {
            values.push(value);
            for field in value.fields {
                collect(field.kind, met, values);
            }
        }
        _ => {}
    }
}

fn value_table(value: &'static ValueDescriptor) -> Markup {
    let anchor = words::value_anchor(value.name);
    html! {
        div.value id=(anchor) {
            h3 { (value.name) }
            (markdown::block(value.doc))
            table {
                caption { "Members of " (value.name) }
                (head())
                tbody { (rows(value.fields, &anchor)) }
            }
        }
    }
}
