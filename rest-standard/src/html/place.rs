//! Where in the tree a page is, and the way there from the entry point.

use maud::{Markup, html};

use super::Scene;
use crate::{
    descriptor::Verb,
    openapi::{capitalised, in_words},
    query::{Use, column},
    tree::Node,
    value::Path,
};

/// The node that a request names.
#[derive(Debug)]
pub(crate) struct Place<'a> {
    pub(crate) node: &'a Node,
    /// The resource's ids, or those of the collection's parent.
    pub(crate) path: &'a Path,
    pub(crate) is_collection: bool,
    pub(crate) verb: Option<Verb>,
}

impl Place<'_> {
    /// Whether a parameter of this name asks for elements whose field has a value.
    pub(super) fn takes_equality(&self, name: &str) -> bool {
        self.is_collection && column(self.node.descriptor, name, Use::Equal).is_some()
    }
}

/// What a collection is called: `Device types`.
pub(super) fn collection(node: &Node) -> String {
    capitalised(&node.descriptor.segment.replace('-', " "))
}

/// What one resource is called: `Device type`.
pub(super) fn noun(node: &Node) -> String {
    capitalised(&in_words(node.descriptor.name))
}

impl Scene<'_> {
    /// Links to everything above.
    pub(super) fn crumbs(&self, place: &Place<'_>) -> Markup {
        let mut above = vec![place.node];
        while let Some(parent) = above.last().and_then(|node| node.parent) {
            above.push(self.tree.node(parent));
        }
        let mut address = self.about.root_path.clone();
        let mut crumbs: Vec<(String, String)> = vec![(self.about.title.clone(), address.clone())];
        for node in above.into_iter().rev() {
            address.push('/');
            address.push_str(node.descriptor.segment);
            crumbs.push((collection(node), address.clone()));
            let is_last = node.id == place.node.id;
            if node.id_kind().is_none() || (is_last && place.is_collection) {
                continue;
            }
            address.push('/');
            let Some(id) = place.path.0.get(node.depth - 1) else {
                // The list is of those below every resource of this collection.
                address.push('-');
                crumbs.push(("all".to_owned(), String::new()));
                continue;
            };
            id.push_to(&mut address);
            crumbs.push((id.to_string(), address.clone()));
        }
        if let Some(verb) = place.verb {
            crumbs.push((verb.name().to_owned(), String::new()));
        }
        let here = crumbs.pop();
        html! {
            nav.crumbs aria-label="The way here" {
                ol {
                    @for (text, address) in crumbs {
                        li { @if address.is_empty() { (text) } @else { a href=(address) { (text) } } }
                    }
                    @if let Some((text, _)) = here { li aria-current="page" { (text) } }
                }
            }
        }
    }
}
