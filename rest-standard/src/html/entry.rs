//! The page of the entry point: where a person begins.

use maud::{Markup, html};
use serde_json::Value as Json;

use super::{Scene, links, place};
use crate::openapi::markdown;

impl Scene<'_> {
    pub(super) fn entry(&self, values: &Json) -> (String, Markup) {
        let roots = self.tree.roots().iter().map(|root| self.tree.node(*root));
        let href = |segment: &str| {
            links(values)
                .find(|link| link.rel == segment && link.action == "GET")
                .map(|link| self.local(link.href))
        };
        let content = html! {
            h1 { (self.about.title) }
            (markdown::block(&self.about.description))
            ul.children {
                @for node in roots {
                    @if let Some(href) = href(node.descriptor.segment) {
                        li {
                            a href=(href) { (place::collection(node)) }
                            (markdown::block(first_paragraph(node.descriptor.doc)))
                        }
                    }
                }
            }
        };
        (self.about.title.clone(), content)
    }
}

/// What documentation says first.
pub(super) fn first_paragraph(doc: &str) -> &str {
    doc.trim().split("\n\n").next().unwrap_or_default()
}
