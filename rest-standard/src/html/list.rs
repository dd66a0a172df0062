//! The page of a list: a row for each element, a box for the filter, and links to its pages and orders.

use maud::{Markup, html};
use serde_json::Value as Json;

use super::{Scene, links, place, place::Place, text_of, value};
use crate::{
    descriptor::{FieldDescriptor, FieldKind, Method, Verb},
    openapi::{example_filter, markdown},
    query::{Format, Standard, Use, column, names_for, pairs},
};

/// From how many rows on the links to other pages stand above them, too.
const LONG: usize = 20;

/// What does not survive a change of the filter or order: places in the list as it was.
const PLACES: [Standard; 3] = [Standard::Cursor, Standard::Offset, Standard::RequestId];

impl Scene<'_> {
    pub(super) fn list(&self, place: &Place<'_>, data: &Json) -> (String, Markup) {
        let (meta, elements) =
            (&data["meta"], data["values"].as_array().map(Vec::as_slice).unwrap_or_default());
        let title = place::collection(place.node);
        let content = html! {
            h1 { (title) }
            (markdown::block(super::entry::first_paragraph(place.node.descriptor.doc)))
            (self.boxes(place))
            p.count { (count(meta, elements.len())) (self.exactly(meta)) (self.deleted(place)) }
            (self.exports(place, meta))
            (self.below_all(place))
            @if elements.is_empty() {
                p.nothing { "No elements." }
                (self.hints())
            } @else {
                @if elements.len() > LONG { (self.pages(meta, "Pages, above the rows")) }
                (self.rows(place, elements))
            }
            (self.pages(meta, "Pages"))
            (self.collection_forms(place, meta))
        };
        (title, content)
    }

    /// The boxes for a search and for a filter.
    pub(super) fn boxes(&self, place: &Place<'_>) -> Markup {
        let descriptor = place.node.descriptor;
        let names = names_for(descriptor, Use::Filter).collect::<Vec<_>>();
        let is_text =
            |field: &&FieldDescriptor| matches!(field.kind, FieldKind::Text) && names.contains(&field.name);
        let example = match descriptor.fields.iter().find(is_text) {
            Some(field) => format!("{} = \"A*\"", field.name),
            None => example_filter(descriptor),
        };
        let searched: Vec<_> =
            descriptor.fields.iter().filter(|field| field.search).map(|field| field.name).collect();
        html! {
            @if !searched.is_empty() {
                (self.one_box(Standard::Search, "search", "Search", "words, or how they begin", &searched))
            }
            (self.one_box(Standard::Filter, "filter", "Filter", &example, &names))
        }
    }

    /// One box. Other parameters are kept, but for those that name a place in the list as it was.
    fn one_box(&self, standard: Standard, id: &str, label: &str, example: &str, names: &[&str]) -> Markup {
        let dropped = [PLACES.as_slice(), &[standard]].concat();
        let kept = pairs(self.query).filter(|pair| !self.is_one_of(pair, &dropped));
        let value = self.parameter(standard).unwrap_or_default();
        html! {
            form.filter action=(self.uri) method="get" role="search" aria-label={ (label) " the list" } {
                @for pair in kept { input type="hidden" name=(pair.name) value=(pair.value); }
                label for=(id) { (label) }
                input id=(id) name=(standard.name()) value=(value) placeholder=(example) required
                    spellcheck="false" autocomplete="off" aria-describedby={ (id) "-names" };
                button type="submit" { (label) }
                @if !value.is_empty() { a href={ (self.uri) (self.query_without(&dropped)) } { "Without it" } }
                p.hint id={ (id) "-names" } {
                    @for (at, name) in names.iter().enumerate() { @if at > 0 { ", " } code { (name) } }
                }
            }
        }
    }

    /// The link that counts to the end, where counting stopped.
    fn exactly(&self, meta: &Json) -> Markup {
        if meta["totalCountRelation"] != "AtLeast" {
            return html! {};
        }
        let query = self.with(&[Standard::Count], Some((Standard::Count, "true")));
        html! { ", " a href={ (self.uri) (query) } { "count all" } }
    }

    /// What may be wrong with a search or a filter that finds nothing.
    fn hints(&self) -> Markup {
        html! {
            @if self.parameter(Standard::Search).is_some() {
                p.hint { "A search finds words by their beginnings. For what is within a word, use the filter." }
            }
            @if self.parameter(Standard::Filter).is_some() {
                p.hint {
                    "In a filter, case matters, and " code { "*" } " stands for anything at the beginning or the end of a text \
                     in quotes: " code { "= \"*board\"" } ". No other character does."
                }
            }
        }
    }

    /// Links to everything that the list has, in the formats of exports; the filter, the order and the selection are kept.
    fn exports(&self, place: &Place<'_>, meta: &Json) -> Markup {
        let Some(export) = links(meta).find(|link| link.rel == Verb::Export.name()) else { return html! {} };
        let dropped = [Standard::Limit, Standard::Count];
        html! {
            p {
                "All " (place.node.descriptor.segment.replace('-', " ")) " of the list, to save: "
                @for (at, (format, text)) in [(Format::Csv, "CSV"), (Format::Ndjson, "NDJSON")].into_iter().enumerate() {
                    @if at > 0 { ", " }
                    a download title=(note(format)) href={ (self.local(export.href)) (self.with(&dropped, Some((Standard::Format, format.name())))) } { (text) }
                }
            }
        }
    }

    /// Links to the lists of what is below every element.
    fn below_all(&self, place: &Place<'_>) -> Markup {
        let children = place.node.children.iter().map(|child| self.tree.node(*child).descriptor);
        let across: Vec<_> =
            children.filter(|child| child.across_parents && child.methods.has(Method::List)).collect();
        html! {
            @if !across.is_empty() {
                p {
                    "Below all of them: "
                    @for (at, child) in across.iter().enumerate() {
                        @if at > 0 { ", " }
                        a href={ (self.path()) "/-/" (child.segment) } { (child.segment.replace('-', " ")) }
                    }
                }
            }
        }
    }

    /// The link that adds the soft-deleted elements, or takes them out.
    fn deleted(&self, place: &Place<'_>) -> Markup {
        if place.node.descriptor.soft_delete.is_none() {
            return html! {};
        }
        let shown = self.parameter(Standard::ShowDeleted).is_some_and(|shown| shown == "true");
        let (query, text) = if shown {
            (self.with(&[Standard::ShowDeleted], None), "without deleted ones")
        } else {
            (self.with(&[Standard::ShowDeleted], Some((Standard::ShowDeleted, "true"))), "with deleted ones")
        };
        html! { ", " a href={ (self.uri) (query) } { (text) } }
    }

    /// The query of the first page with other parameters.
    fn with(&self, dropped: &[Standard], added: Option<(Standard, &str)>) -> String {
        let mut query = self.query_without(&[PLACES.as_slice(), dropped].concat());
        if let Some((standard, value)) = added {
            query.push(if query.is_empty() { '?' } else { '&' });
            query.push_str(standard.name());
            query.push('=');
            query.extend(form_urlencoded::byte_serialize(value.as_bytes()));
        }
        query
    }

    fn rows(&self, place: &Place<'_>, elements: &[Json]) -> Markup {
        let descriptor = place.node.descriptor;
        let is_there = |name: &str| elements.iter().any(|element| element.get(name).is_some());
        let fields: Vec<_> = descriptor.fields.iter().filter(|field| is_there(field.name)).collect();
        // What a selection names is shown; else the times that tell old from new.
        let selects = self.parameter(Standard::Select).is_some();
        let own =
            ["createdAt", "createdBy", "updatedAt", "updatedBy", "deletedAt", "deletedBy", "purgeAt", "etag"];
        let is_wanted = |name: &str| {
            selects
                || name == "updatedAt"
                || (name == "deletedAt" && elements.iter().any(|element| !element[name].is_null()))
        };
        let own: Vec<_> = own.into_iter().filter(|name| is_there(name) && is_wanted(name)).collect();
        // Across parents an element says whose it is.
        let parent = place.node.parent.map(|parent| self.tree.node(parent));
        let parent = parent.filter(|parent| place.path.0.len() < parent.depth);
        html! {
            div.wide tabindex="0" role="region" aria-label="Elements" {
                table {
                    caption { (place::collection(place.node)) }
                    thead {
                        tr {
                            @if let Some(parent) = &parent { th scope="col" { (place::noun(parent)) } }
                            (self.column(place, "id"))
                            @for field in &fields { (self.column(place, field.name)) }
                            @for name in &own { (self.column(place, name)) }
                        }
                    }
                    tbody {
                        @for element in elements {
                            tr data-deleted[element.get("deletedAt").is_some_and(|at| !at.is_null())] {
                                @if parent.is_some() { td { (self.parent_of(place, element)) } }
                                th scope="row" { a href=(self.local(text_of(&element["url"]))) { (value::own("id", &element["id"])) } }
                                @for field in &fields { td { @if let Some(json) = element.get(field.name) { (self.cell(element, field, json)) } } }
                                @for name in &own { td { @if let Some(json) = element.get(*name) { (value::own(name, json)) } } }
                            }
                        }
                    }
                }
            }
        }
    }

    /// The value of a field, which leads to what it refers to.
    fn cell(&self, element: &Json, field: &FieldDescriptor, json: &Json) -> Markup {
        let target = field
            .references
            .and_then(|_| links(element).find(|link| link.rel == field.name && link.action == "GET"));
        match target {
            Some(link) => html! { a href=(self.local(link.href)) { (value::cell(field, json)) } },
            None => value::cell(field, json),
        }
    }

    /// The resource that an element is below.
    fn parent_of(&self, place: &Place<'_>, element: &Json) -> Markup {
        let url = text_of(&element["url"]);
        let Some((above, _)) = url.rsplit_once(&format!("/{}/", place.node.descriptor.segment)) else {
            return html! {};
        };
        html! { a href=(self.local(above)) { (above.rsplit('/').next().unwrap_or(above)) } }
    }

    /// The head of a column, with a link that orders by it.
    fn column(&self, place: &Place<'_>, name: &str) -> Markup {
        if column(place.node.descriptor, name, Use::Order).is_none() {
            return html! { th scope="col" { (name) } };
        }
        let order = self.parameter(Standard::OrderBy).unwrap_or_default();
        let (sorted, next) = match order.trim() {
            order if order == name || order == format!("{name} asc") => {
                (Some("ascending"), format!("{name} desc"))
            }
            order if order == format!("{name} desc") => (Some("descending"), name.to_owned()),
            _ => (None, name.to_owned()),
        };
        let query = self.with(&[Standard::OrderBy], Some((Standard::OrderBy, &next)));
        html! { th scope="col" aria-sort=[sorted] { a href={ (self.uri) (query) } { (name) } } }
    }

    fn pages(&self, meta: &Json, label: &str) -> Markup {
        let href = |rel: &str| links(meta).find(|link| link.rel == rel).map(|link| self.local(link.href));
        let pages = [("first", "First page"), ("prev", "Previous page"), ("next", "Next page")];
        let pages: Vec<_> =
            pages.into_iter().filter_map(|(rel, text)| Some((rel, text, href(rel)?))).collect();
        html! {
            @if !pages.is_empty() {
                nav.pages aria-label=(label) { @for (rel, text, href) in pages { a rel=(rel) href=(href) { (text) } } }
            }
        }
    }
}

/// What to know of a file in the format.
fn note(format: Format) -> &'static str {
    match format {
        Format::Csv => "For spreadsheets: import it as UTF-8, its columns as text.",
        _ => "A line of JSON for each.",
    }
}

fn count(meta: &Json, shown: usize) -> String {
    let elements = |count: u64| if count == 1 { "1 element".to_owned() } else { format!("{count} elements") };
    let shown = u64::try_from(shown).unwrap_or(u64::MAX);
    match meta["totalCount"].as_u64() {
        Some(total) if meta["totalCountRelation"] == "AtLeast" => format!("At least {}", elements(total)),
        Some(total) if shown < total && shown > 0 => format!("{shown} of {}", elements(total)),
        Some(total) => elements(total),
        None => format!("{} on this page", elements(shown)),
    }
}
