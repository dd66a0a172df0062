//! The contents at the side: the tree of resources, each with its operations.

use maud::{Markup, html};

use super::{ENTRY_POINT, Page, anchor, shared, start, title};
use crate::{
    openapi::operation::{Kind, Operation},
    tree::Node,
};

impl Page<'_> {
    pub(super) fn navigation(&self) -> Markup {
        html! {
            nav aria-label="Contents" {
                details #contents open {
                    summary { "Contents" }
                    ul {
                        @if !self.recipes.is_empty() {
                            li { a href={ "#" (start::ANCHOR) } { "Getting started" } }
                        }
                        li {
                            a href={ "#" (ENTRY_POINT) } { "Entry point" }
                            ul.ops { @for operation in &self.entry_point { (entry(operation)) } }
                        }
                        @for root in self.tree.roots() { (self.nodes(self.tree.node(*root))) }
                        @for (anchor, title) in shared::PARTS {
                            li.shared { a href={ "#" (anchor) } { (title) } }
                        }
                    }
                }
            }
        }
    }

    fn nodes(&self, node: &Node) -> Markup {
        html! {
            li {
                a href={ "#" (anchor(node)) } { (title(node)) }
                ul.ops { @for operation in self.operations(node) { (entry(operation)) } }
                @if !node.children.is_empty() {
                    ul { @for child in &node.children { (self.nodes(self.tree.node(*child))) } }
                }
            }
        }
    }
}

fn entry(operation: &Operation<'_>) -> Markup {
    let label = match operation.kind {
        Kind::EntryPoint | Kind::Read => "Read",
        Kind::List => "List",
        Kind::ListAcross => "List across parents",
        Kind::Create => "Create",
        Kind::Replace => "Replace",
        Kind::Patch => "Change",
        Kind::Delete => "Delete",
        Kind::Custom(method) => method.verb,
        Kind::Batch(method) => method.verb(),
        Kind::Export => "export",
        Kind::ExportAcross => "export across parents",
        Kind::Import => "import",
    };
    html! {
        li { a href={ "#" (operation.id) } { b.m data-m=(operation.method) { (operation.method) } " " (label) } }
    }
}
