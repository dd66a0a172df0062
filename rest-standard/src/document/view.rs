//! What of a resource is written.

use std::sync::Arc;

use super::expanded::Expanded;
use crate::{
    query::{Own, Part, Selection},
    store::{Excerpt, Record},
    tree::Node,
};

/// A resource that is about to be written.
#[derive(Clone, Debug)]
pub(crate) struct View<'a> {
    /// Its node.
    pub(crate) node: &'a Node,
    /// Its values.
    pub(crate) excerpt: Excerpt,
    /// What of it is written; everything where there is none.
    pub(crate) selection: Option<&'a Selection>,
    /// Whether a resource above is soft-deleted, so that nothing can be written here.
    pub(crate) frozen: bool,
    /// What its fields refer to, where that is asked for.
    pub(crate) expanded: Option<&'a Expanded>,
}

impl<'a> View<'a> {
    /// All of a resource below which and above which nothing is soft-deleted.
    pub(crate) fn whole(node: &'a Node, record: Arc<Record>) -> Self {
        Self { node, excerpt: record.into(), selection: None, frozen: false, expanded: None }
    }

    /// Whether a member of the framework's own is written.
    pub(super) fn shows(&self, own: Own) -> bool {
        own.is_in(self.node.descriptor) && self.selection.is_none_or(|selection| selection.has(own))
    }

    /// What is written of a field.
    pub(super) fn part(&self, index: usize) -> &'a Part {
        self.selection.map_or(&Part::Whole, |selection| selection.field(index))
    }
}
