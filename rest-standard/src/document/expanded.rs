//! What the resources of an answer refer to, for their member `expanded`.

use std::{collections::HashMap, sync::Arc};

use sha2::{Digest as _, Sha256};

use crate::{
    query::tag_part,
    store::{Column, Excerpt, Record},
    tree::{Node, NodeId},
    value::{Id, Path},
};

/// The resources that fields refer to.
#[derive(Debug, Default)]
pub(crate) struct Expanded {
    /// The fields that are expanded, each with the node of what it refers to, in the order of the declaration.
    fields: Vec<(usize, NodeId)>,
    found: HashMap<(NodeId, Path), Arc<Record>>,
    /// Whether the links of what is referred to are left out.
    pub(crate) without_links: bool,
}

impl Expanded {
    /// Those of `fields`, without what they refer to.
    #[must_use]
    pub(crate) fn of(node: &Node, fields: &[usize]) -> Self {
        let fields = node.references.iter().filter(|(index, _)| fields.contains(index)).copied().collect();
        Self { fields, found: HashMap::new(), without_links: false }
    }

    /// The fields, each with the node of what it refers to.
    pub(crate) fn fields(&self) -> &[(usize, NodeId)] {
        &self.fields
    }

    /// Adds a resource that was found.
    pub(crate) fn add(&mut self, node: NodeId, record: Arc<Record>) {
        self.found.insert((node, record.path.clone()), record);
    }

    /// What a field of the resource refers to, if that was found.
    #[must_use]
    pub(crate) fn get(&self, excerpt: &Excerpt, index: usize, target: NodeId) -> Option<&Arc<Record>> {
        self.found.get(&(target, refers_to(excerpt, index)?))
    }

    /// How large the resources are together that one has in its member, by [`Record::size`].
    #[must_use]
    pub(crate) fn size(&self, excerpt: &Excerpt) -> usize {
        let found = self.fields.iter().filter_map(|(index, target)| self.get(excerpt, *index, *target));
        found.map(|record| record.size()).sum()
    }

    /// What tells the answer with one resource from others, as a part of its entity tag: the fields, and the revisions of
    /// what they refer to.
    #[must_use]
    pub(crate) fn tag(&self, excerpt: &Excerpt) -> String {
        let mut digest = Sha256::new();
        for (index, target) in &self.fields {
            digest.update((*index as u64).to_be_bytes());
            match self.get(excerpt, *index, *target) {
                Some(record) => digest.update([&[1][..], &record.revision.to_be_bytes()].concat()),
                None => digest.update([0]),
            }
        }
        tag_part("expand", digest)
    }
}

/// The path of what a field of the resource refers to.
#[must_use]
pub(crate) fn refers_to(excerpt: &Excerpt, index: usize) -> Option<Path> {
    let value = excerpt.value(Column::Field(index))?;
    Some(Path(vec![Id::of_value(&value)?]))
}
