//! What a service says of itself to machines: the OpenAPI document, read from the tree and from nothing else.
//!
//! `reader` turns the tree into operations, `schema` its types into JSON Schema; `document` writes both as OpenAPI 3.1 and
//! `older` makes the 3.0.3 form of that; `page` writes them for people. What is refused, and why, is in `refusal`, and what
//! a client does first in `recipe`. Names are in `names`, made-up values in `example` and `sample`, the bodies of batches
//! in `batch`, export and import in `transfer`.

mod batch;
#[allow(dead_code, reason = "the command hands it two documents once both sides are there")]
mod diff;
mod document;
mod example;
mod foreign;
mod framework;
mod names;
mod older;
mod operation;
mod ordered;
mod page;
mod parameter;
mod reader;
mod recipe;
mod refusal;
mod sample;
mod schema;
mod selection;
mod snippet;
mod transfer;

pub(crate) use diff::{Difference, differences};
pub(crate) use example::filter as example_filter;
pub(crate) use names::{capitalised, id_parameter, words as in_words};
pub(crate) use ordered::Ordered;
pub(crate) use page::{BASE_STYLE, markdown, policy, words::field as constraints};

use http::HeaderValue;

use crate::{
    error::{Error, Result},
    tree::Tree,
};

/// What the tree does not tell: who serves it, where, and within what limits.
#[derive(Clone, Debug, Default)]
pub(crate) struct About {
    /// The service's name for people.
    pub(crate) title: String,
    /// What the service is for, in Markdown.
    pub(crate) description: String,
    /// Whom to ask.
    pub(crate) contact: Option<Contact>,
    /// Under which terms it can be used.
    pub(crate) license: Option<License>,
    /// The version's label.
    pub(crate) version: String,
    /// The path of the entry point: `/api/v1`.
    pub(crate) root_path: String,
    /// The page size of a list when none is asked for.
    pub(crate) page_default: u64,
    /// The largest page size.
    pub(crate) page_max: u64,
    /// The most items of a batch.
    pub(crate) batch_max: usize,
}

/// Whom to ask about a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// A person's or team's name.
    pub name: String,
    /// An address that begins with `https://`, or an e-mail address.
    pub address: String,
}

/// Under which terms a service can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct License {
    /// The licence's name.
    pub name: String,
    /// Its SPDX identifier, such as `Apache-2.0`.
    pub identifier: Option<String>,
}

/// A form of the document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Spec {
    /// OpenAPI 3.1.1, with JSON Schema 2020-12.
    #[default]
    V3_1,
    /// OpenAPI 3.0.3, for generators that need it.
    V3_0,
}

impl Spec {
    /// The form with this number.
    pub(crate) fn named(number: &str) -> Option<Self> {
        match number {
            "3.1" => Some(Self::V3_1),
            "3.0" => Some(Self::V3_0),
            _ => None,
        }
    }
}

/// The document. `origin` is the scheme and authority that its addresses start with.
pub(crate) fn document(tree: &Tree, about: &About, origin: &str, spec: Spec) -> Ordered {
    let document = document::of(tree, about, origin);
    match spec {
        Spec::V3_1 => document,
        Spec::V3_0 => older::of(document),
    }
}

/// The page for people, and what a browser may do with it. `origin` is what the addresses of its examples start with.
pub(crate) fn page(tree: &Tree, about: &About, origin: &str) -> (String, HeaderValue) {
    (page::of(tree, about, origin), page::POLICY.clone())
}

/// The ids of the operations that may run methods or rules of the author's.
#[cfg(feature = "contract")]
pub(crate) fn with_author_code(tree: &Tree) -> std::collections::HashSet<String> {
    let operations = reader::operations(tree, &mut schema::Schemas::new(""), &About::default());
    let runs = |operation: &operation::Operation<'_>| {
        operation.node.is_some_and(|node| refusal::runs_author_code(tree, node, operation.kind))
    };
    operations.into_iter().filter(runs).map(|operation| operation.id).collect()
}

/// The path segment of the page for people, below the version and at the root of the service.
pub(crate) const PAGE_SEGMENT: &str = "docs";

/// Refuses what the compiler cannot see: two schemas or two operations with one name, and a resource in the page's place.
///
/// # Errors
///
/// All clashes, each with both of its sides.
pub(crate) fn check(tree: &Tree) -> Result<()> {
    let mut mistakes = document::mistakes(tree);
    let roots = tree.roots().iter().map(|root| tree.node(*root).descriptor);
    for root in roots.filter(|root| root.segment == PAGE_SEGMENT) {
        mistakes.push(format!(
            "`{}` is at `{PAGE_SEGMENT}`, where the documentation of every service is; choose another name for its address",
            root.name
        ));
    }
    if mistakes.is_empty() { Ok(()) } else { Err(Error::internal(mistakes.join("\n"))) }
}
