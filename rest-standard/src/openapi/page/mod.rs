//! The documentation page: one HTML document that a browser shows without asking anybody for anything more.
//!
//! It is read from the tree and the operations, as the OpenAPI document is. Everything is in the markup, so that it can
//! be read without script; script adds search, copying, colours and "Try it".

pub(crate) mod markdown;
mod navigation;
mod operation;
mod resource;
mod shared;
mod start;
pub(crate) mod words;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::HeaderValue;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest as _, Sha256};

use super::{
    About,
    document::INTRODUCTION,
    names,
    operation::Operation,
    ordered::Ordered,
    reader,
    recipe::{self, Recipe},
    schema::{self, Schemas},
};
use crate::tree::{Node, NodeId, Tree};

/// What all pages for people look like.
pub(crate) const BASE_STYLE: &str = include_str!("base.css");
const STYLE: &str = concat!(include_str!("base.css"), include_str!("style.css"));
const SCRIPT: &str = include_str!("script.js");

/// What a browser may do with the page: run and draw what is in it, and talk to its own origin.
pub(crate) static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| policy(STYLE, SCRIPT, "'none'"));

/// The policy of a page with one style and one script of its own, whose forms lead to `targets`.
pub(crate) fn policy(style: &str, script: &str, targets: &str) -> HeaderValue {
    let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
    let policy = format!(
        "default-src 'none'; style-src {}; script-src {}; connect-src 'self'; img-src data:; base-uri 'none'; \
         form-action {targets}; frame-ancestors 'none'",
        hash(style),
        hash(script)
    );
    HeaderValue::from_str(&policy).expect("hashes in base64 are visible ASCII")
}

/// The page. `origin` is the scheme and authority that the addresses in its examples start with.
pub(crate) fn of(tree: &Tree, about: &About, origin: &str) -> String {
    let root = format!("{origin}{}", about.root_path);
    let mut schemas = Schemas::new(&root);
    let operations = reader::operations(tree, &mut schemas, about);
    let page = Page::new(tree, about, &root, &operations);
    page.write().into_string()
}

/// What all parts of the page are written from.
struct Page<'a> {
    tree: &'a Tree,
    about: &'a About,
    /// The URL of the entry point.
    root: &'a str,
    entry_point: Vec<&'a Operation<'a>>,
    by_node: BTreeMap<NodeId, Vec<&'a Operation<'a>>>,
    /// The fields that every resource has, without the id.
    framework: Vec<(&'static str, Ordered)>,
    /// Those that only resources have which can be soft-deleted.
    deletion: Vec<(&'static str, Ordered)>,
    recipes: Vec<Recipe>,
}

impl<'a> Page<'a> {
    fn new(tree: &'a Tree, about: &'a About, root: &'a str, operations: &'a [Operation<'a>]) -> Self {
        let framework = tree.nodes().first().map(schema::framework).unwrap_or_default();
        let is_soft = tree.nodes().iter().any(|node| node.descriptor.soft_delete.is_some());
        let deletion = if is_soft { schema::deletion().to_vec() } else { Vec::new() };
        let is_deletion = |name: &str| deletion.iter().any(|(deletion, _)| *deletion == name);
        let mut framework = framework;
        framework.retain(|(name, _)| *name != "id" && !is_deletion(name));
        let mut page = Self {
            tree,
            about,
            root,
            entry_point: Vec::new(),
            by_node: BTreeMap::new(),
            framework,
            deletion,
            recipes: recipe::recipes(operations, root),
        };
        for operation in operations {
            match operation.node {
                Some(node) => page.by_node.entry(node.id).or_default().push(operation),
                None => page.entry_point.push(operation),
            }
        }
        page
    }

    fn operations(&self, node: &Node) -> &[&'a Operation<'a>] {
        self.by_node.get(&node.id).map_or(&[], Vec::as_slice)
    }

    fn write(&self) -> Markup {
        let title = &self.about.title;
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (title) " " (self.about.version) }
                    // Without one, a browser asks the service for `/favicon.ico`.
                    link rel="icon" href="data:,";
                    style { (PreEscaped(STYLE)) }
                    script { (PreEscaped(SCRIPT)) }
                }
                body data-root=(self.about.root_path) {
                    a.skip href="#content" { "Skip to the content" }
                    header.bar {
                        p.brand { a href="#content" { (title) } " " span.version { (self.about.version) } }
                        search.js {
                            label for="search" { "Search" }
                            input #search type="search" placeholder="Search operations, fields, values, errors" autocomplete="off"
                                spellcheck="false" aria-keyshortcuts="/" aria-describedby="found";
                            kbd aria-hidden="true" { "/" }
                        }
                        p #found role="status" {}
                        button.js #theme type="button" { "Colours: system" }
                    }
                    div.page {
                        (self.navigation())
                        main #content tabindex="-1" {
                            ul #hits hidden aria-label="What was found" {}
                            (self.introduction())
                            (self.start())
                            (self.entry_point())
                            (self.resources())
                            (self.shared())
                            footer {
                                "Written by the service from its own declarations. For machines: "
                                a href=(self.document("")) { "openapi.json" } "."
                            }
                        }
                    }
                }
            }
        }
    }

    /// The address of the document for machines.
    fn document(&self, query: &str) -> String {
        format!("{}/openapi.json{query}", self.about.root_path)
    }

    fn introduction(&self) -> Markup {
        let About { title, version, description, contact, license, .. } = self.about;
        html! {
            section.intro {
                h1 { (title) }
                dl.facts {
                    div { dt { "Version" } dd { (version) } }
                    div { dt { "Address" } dd { code { (self.root) } } }
                    div {
                        dt { "OpenAPI" }
                        dd {
                            a href=(self.document("")) { "3.1" } ", "
                            a href=(self.document("?openapi=3.0")) { "3.0" }
                        }
                    }
                    @if let Some(contact) = contact {
                        div { dt { "Contact" } dd { (contact_link(&contact.name, &contact.address)) } }
                    }
                    @if let Some(license) = license {
                        div { dt { "Licence" } dd { (license.name) } }
                    }
                }
                (markdown::block(description))
                (markdown::block(INTRODUCTION))
            }
        }
    }

    fn entry_point(&self) -> Markup {
        html! {
            section.resource id=(ENTRY_POINT) {
                h2 { "Entry point" }
                p { "Where a client begins." }
                @for operation in &self.entry_point { (self.operation(operation)) }
            }
        }
    }

    /// All resources in the order of the hierarchy.
    fn resources(&self) -> Markup {
        let mut met = BTreeSet::new();
        html! {
            @for root in self.tree.roots() { (self.branch(self.tree.node(*root), &mut met)) }
        }
    }

    fn branch(&self, node: &Node, met: &mut BTreeSet<&'static str>) -> Markup {
        html! {
            (self.resource(node, met))
            @for child in &node.children { (self.branch(self.tree.node(*child), met)) }
        }
    }
}

// Anchors of nodes begin with a slash and those of shared parts have a hyphen; an operation's id has neither.
const ENTRY_POINT: &str = "entry-point";

/// The anchor of a node's section.
fn anchor(node: &Node) -> String {
    format!("/{}", node.address)
}

/// What a node's section is called.
fn title(node: &Node) -> String {
    names::capitalised(&match node.id_kind() {
        Some(_) => node.descriptor.segment.replace('-', " "),
        None => reader::noun(node.descriptor),
    })
}

fn contact_link(name: &str, address: &str) -> Markup {
    let href = if address.contains("://") { address.to_owned() } else { format!("mailto:{address}") };
    html! {
        @if markdown::is_safe(&href) { a href=(href) { (name) } } @else { (name) " (" (address) ")" }
    }
}

/// Preformatted text. Quotes are left as they are: JSON is full of them.
fn text(source: &str) -> PreEscaped<String> {
    let mut escaped = String::with_capacity(source.len() + 32);
    for char in source.chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            other => escaped.push(other),
        }
    }
    PreEscaped(escaped)
}

#[cfg(test)]
mod tests;
