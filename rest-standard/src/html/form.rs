//! Forms for what can be done now: one for each link of the answer that writes.
//!
//! The script reads what to send from the form's data attributes. The first button asks for a dry run; only when that went
//! well there is one that carries it out.

use maud::{Markup, html};
use serde_json::Value as Json;

use super::{Link, Scene, entry::first_paragraph, input, links, place::Place};
use crate::{
    descriptor::{CustomMethod, FieldDescriptor, IdKind, Target, UNDELETE},
    openapi::{capitalised, in_words, markdown},
    query::Standard,
};

/// A form, and what its script needs to know.
struct Form<'a> {
    id: &'a str,
    title: String,
    doc: &'a str,
    method: &'a str,
    href: &'a str,
    /// The entity tag of what is written.
    tag: Option<&'a str>,
    /// What becomes of the page when it is done: the name of a step of the script.
    then: &'a str,
    inputs: Markup,
}

impl Form<'_> {
    fn write(&self) -> Markup {
        html! {
            details.action id=(self.id) {
                summary { span.m data-m=(self.method) { (self.method) } " " (self.title) }
                (markdown::block(first_paragraph(self.doc)))
                // It is there wherever the script did not run, for whatever reason.
                p.no-script {
                    "This form needs script: it sends JSON, which HTML alone cannot. A program sends it to "
                    code { (self.href) } "."
                }
                form.js data-method=(self.method) data-href=(self.href) data-tag=[self.tag] data-then=(self.then) {
                    (self.inputs)
                    p.buttons {
                        button type="submit" value="check" { "Check" }
                        button.go type="submit" value="go" hidden { (self.title) }
                    }
                    div.outcome role="status" {}
                }
            }
        }
    }
}

impl Scene<'_> {
    pub(super) fn resource_forms(&self, place: &Place<'_>, values: &Json) -> Markup {
        let descriptor = place.node.descriptor;
        let tag = values["etag"].as_str();
        let find = |rel: &str, action: &str| {
            links(values)
                .find(|link| link.rel == rel && link.action == action)
                .map(|link| self.local(link.href))
        };
        let update = find("self", "PATCH").map(|href| Form {
            id: "update",
            title: "Update".to_owned(),
            doc: "",
            method: "PATCH",
            href,
            tag,
            then: "reload",
            inputs: html! {
                @for field in descriptor.fields.iter().filter(|field| !field.output_only && !field.immutable) {
                    (input::of(field, "update", input::Begins::With(values.get(field.name))))
                }
            },
        });
        let delete = find("self", "DELETE").map(|href| Form {
            id: "delete",
            title: "Delete".to_owned(),
            doc: match descriptor.soft_delete {
                Some(_) => "It can be brought back for a while.",
                None => "It is gone for good.",
            },
            method: "DELETE",
            href,
            tag,
            then: if descriptor.soft_delete.is_some() { "reload" } else { "up" },
            inputs: html! {
                @if !place.node.children.is_empty() {
                    label.check {
                        input type="checkbox" data-parameter=(Standard::Force.name());
                        @match descriptor.soft_delete {
                            Some(_) => "Although something is below it, which stays and comes back with it",
                            None => "With everything below it",
                        }
                    }
                }
            },
        });
        let verbs = links(values).filter_map(|link| self.verb_form(link, place, tag));
        let forms: Vec<Markup> =
            update.iter().map(Form::write).chain(verbs).chain(delete.iter().map(Form::write)).collect();
        html! { @if !forms.is_empty() { h2 { "What can be done" } @for form in forms { (form) } } }
    }

    pub(super) fn collection_forms(&self, place: &Place<'_>, meta: &Json) -> Markup {
        let descriptor = place.node.descriptor;
        let create = links(meta).find(|link| link.rel == "create").map(|link| Form {
            id: "create",
            title: format!("Create a {}", in_words(descriptor.name)),
            doc: "",
            method: "POST",
            href: self.local(link.href),
            tag: None,
            then: "open",
            inputs: html! {
                @if let Some(kind) = place.node.id_kind().filter(|kind| *kind != IdKind::Integer) {
                    (input::id(kind, "create"))
                }
                @for field in descriptor.fields.iter().filter(|field| !field.output_only) {
                    (input::of(field, "create", input::Begins::AsDeclared))
                }
            },
        });
        let verbs = links(meta).filter_map(|link| self.verb_form(link, place, None));
        let forms: Vec<Markup> = create.iter().map(Form::write).chain(verbs).collect();
        html! { @if !forms.is_empty() { h2 { "What can be done" } @for form in forms { (form) } } }
    }

    /// The form of an author's method, or of `undelete`. The batch forms of the standard methods are for programs.
    fn verb_form(&self, link: Link<'_>, place: &Place<'_>, tag: Option<&str>) -> Option<Markup> {
        if link.action != "POST" || !link.href.ends_with(&format!(":{}", link.rel)) {
            return None;
        }
        let own = place
            .node
            .descriptor
            .custom_methods
            .iter()
            .filter(|method| (method.target == Target::Collection) == place.is_collection);
        let method: &CustomMethod = own.chain([&UNDELETE]).find(|method| method.verb == link.rel)?;
        let id = format!("verb-{}", method.verb);
        let fields: &[FieldDescriptor] = method.input.map_or(&[], |input| input.fields);
        let form = Form {
            id: &id,
            title: capitalised(&in_words(method.verb)),
            doc: method.doc,
            method: "POST",
            href: self.local(link.href),
            tag,
            then: "show",
            inputs: html! {
                @for field in fields { (input::of(field, &id, input::Begins::AsDeclared)) }
            },
        };
        Some(form.write())
    }
}
