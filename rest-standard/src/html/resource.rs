//! The page of one resource or singleton.

use maud::{Markup, html};
use serde_json::Value as Json;

use super::{Scene, links, place, place::Place, text_of, value};
use crate::openapi::markdown;

/// The framework's own fields, in the order of the page; `id` and `url` are in its head.
const OWN: [&str; 8] =
    ["createdAt", "createdBy", "updatedAt", "updatedBy", "deletedAt", "deletedBy", "purgeAt", "etag"];

impl Scene<'_> {
    pub(super) fn resource(&self, place: &Place<'_>, values: &Json) -> (String, Markup) {
        let node = place.node;
        let title = heading(place, values);
        let is_deleted = values.get("deletedAt").is_some_and(|at| !at.is_null());
        let fields = node.descriptor.fields.iter().filter_map(|field| Some((field, values.get(field.name)?)));
        let own = OWN.iter().filter_map(|name| Some((*name, values.get(*name)?)));
        let target = |name: &str| {
            let mut links = links(values);
            links
                .find(|link| link.rel == name && link.action == "GET")
                .map(|link| self.local(link.href).to_owned())
        };
        let content = html! {
            p.place { (place::noun(node)) }
            h1 { (title) }
            @if is_deleted { p.notice { "This resource was deleted. It is gone for good at the time of " code { "purgeAt" } "." } }
            table.fields {
                caption { "Fields" }
                tbody {
                    @for (field, json) in fields {
                        tr {
                            th scope="row" { code { (field.name) } }
                            td {
                                @match target(field.name).filter(|_| !json.is_null()) {
                                    Some(href) => a href=(href) { (value::field(field, json)) },
                                    None => div { (value::field(field, json)) },
                                }
                                @if !field.doc.trim().is_empty() { p.doc { (markdown::inline(field.doc)) } }
                            }
                        }
                    }
                }
            }
            (self.below(place, values))
            (self.resource_forms(place, values))
            details.own {
                summary { "About this record" }
                table.fields {
                    caption { "Fields that the service sets" }
                    tbody {
                        tr { th scope="row" { code { "id" } } td { (value::own("id", &values["id"])) } }
                        tr { th scope="row" { code { "url" } } td { a href=(self.local(text_of(&values["url"]))) { (text_of(&values["url"])) } } }
                        @for (name, json) in own { tr { th scope="row" { code { (name) } } td { (value::own(name, json)) } } }
                    }
                }
            }
        };
        (title, content)
    }

    /// Links to what is below the resource.
    fn below(&self, place: &Place<'_>, values: &Json) -> Markup {
        let children = place.node.children.iter().map(|child| self.tree.node(*child));
        let found: Vec<_> = children
            .filter_map(|child| {
                let segment = child.descriptor.segment;
                let link = links(values).find(|link| link.rel == segment && link.action == "GET")?;
                Some((child, self.local(link.href)))
            })
            .collect();
        html! {
            @if !found.is_empty() {
                h2 { "Below it" }
                ul.children {
                    @for (child, href) in found {
                        li { a href=(href) { (place::collection(child)) } (markdown::block(super::entry::first_paragraph(child.descriptor.doc))) }
                    }
                }
            }
        }
    }
}

/// What a resource is called: by the name that it has, else by its id.
fn heading(place: &Place<'_>, values: &Json) -> String {
    let names = ["displayName", "name", "title"].into_iter();
    let named = names.filter_map(|name| values.get(name)?.as_str()).find(|name| !name.trim().is_empty());
    match (named, &values["id"]) {
        (Some(name), _) => name.to_owned(),
        (None, _) if place.node.descriptor.is_singleton() => place::noun(place.node),
        (None, Json::String(id)) => id.clone(),
        (None, id) => format!("{} {id}", place::noun(place.node)),
    }
}
