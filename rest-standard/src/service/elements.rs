//! The elements that a list and an export have in common: which they are, how ties of their order are decided, and how each
//! is written.

use std::collections::{BTreeSet, HashSet};

use super::{
    Api,
    call::Call,
    read::{is_frozen, nothing_below},
    route::Target,
};
use crate::{
    descriptor::Descriptor,
    document::{Detail, Expanded, JsonWriter, Site, View, write_resource},
    error::Result,
    query::{Selection, Standard},
    store::{Column, Direction, Excerpt, Scope},
    tree::{Node, NodeId},
    value::Path,
};

/// About what a resource takes as JSON, so that the buffer of an answer seldom grows.
pub(super) const RESOURCE_SIZE: usize = 1536;

/// Makes the order total across parents: ids are unique below one of them, so the whole path decides ties.
pub(super) fn complete_order(call: &mut Call) {
    if call.target.across {
        let open = call.target.path.0.len()..call.node().depth.saturating_sub(1);
        call.parameters.order.extend(open.map(|index| (Column::Above(index), Direction::Ascending)));
    }
}

/// The rows that the address names.
pub(super) async fn scope(call: &Call) -> Result<Scope> {
    let (api, path) = (&call.api, call.target.path.clone());
    let owner = match owner_of_all(call) {
        None => None,
        Some(owner) => {
            let path = path.ancestor(owner.depth);
            let found = api.store.read(owner.id, &path).await?;
            Some(found.ok_or_else(|| nothing_below(api, owner, &path))?)
        }
    };
    Ok(match owner {
        _ if call.target.across => Scope::Across(path),
        Some(owner) if call.node().is_change_log => Scope::Changes(path, owner.incarnation),
        _ => Scope::Below(path),
    })
}

/// The node of the row that the listed rows belong to, or that all of their owners are below; none at the API root.
fn owner_of_all(call: &Call) -> Option<&Node> {
    let (tree, node) = (&call.api.tree, call.node());
    if !call.target.across {
        return node.owner.map(|owner| tree.node(owner));
    }
    let mut above = node;
    while above.depth > call.target.path.0.len() || above.id_kind().is_none() {
        above = tree.node(above.parent?);
    }
    Some(above)
}

/// What lies around the elements of a list.
pub(super) enum Around {
    /// All are below one parent: the collection's URL, and whether a resource above is soft-deleted.
    One { url: String, frozen: bool },
    /// They are below several: the soft-deleted resources above them.
    Several(HashSet<(NodeId, Path)>),
}

impl Around {
    pub(super) async fn of(
        api: &Api,
        node: &Node,
        target: &Target,
        site: Site<'_>,
        records: &[Excerpt],
    ) -> Result<Self> {
        if !target.across {
            let frozen = is_frozen(api, node, &target.path).await?;
            return Ok(Self::One { url: site.collection_url(node, &target.path), frozen });
        }
        let mut frozen = HashSet::new();
        for above in &node.soft_above {
            let depth = api.tree.node(*above).depth;
            let paths: BTreeSet<Path> = records.iter().map(|record| record.path().ancestor(depth)).collect();
            let paths: Vec<Path> = paths.into_iter().collect();
            let found = api.store.read_all(*above, &paths).await?;
            let deleted = paths.into_iter().zip(found);
            let deleted =
                deleted.filter(|(_, found)| found.as_ref().is_some_and(|row| row.deletion.is_some()));
            frozen.extend(deleted.map(|(path, _)| (*above, path)));
        }
        Ok(Self::Several(frozen))
    }

    /// Writes one of the elements.
    pub(super) fn write(
        &self,
        values: &mut JsonWriter,
        site: Site<'_>,
        node: &Node,
        selection: Option<&Selection>,
        expanded: Option<&Expanded>,
        excerpt: &Excerpt,
    ) {
        let view = |frozen| View { node, excerpt: excerpt.clone(), selection, frozen, expanded };
        match self {
            Self::One { url, frozen } => write_resource(values, site, &view(*frozen), url, Detail::Stored),
            Self::Several(deleted) => {
                let url = site.collection_url(node, excerpt.path());
                let frozen = node.soft_above.iter().any(|above| {
                    deleted.contains(&(*above, excerpt.path().ancestor(site.tree.node(*above).depth)))
                });
                write_resource(values, site, &view(frozen), &url, Detail::Stored);
            }
        }
    }
}

/// What a list takes that only some collections have.
pub(super) fn optional(descriptor: &Descriptor) -> impl Iterator<Item = Standard> + use<> {
    let optional = [
        (descriptor.soft_delete.is_some(), Standard::ShowDeleted),
        (descriptor.is_searchable(), Standard::Search),
        (descriptor.references().next().is_some(), Standard::Expand),
    ];
    optional.into_iter().filter(|(is_taken, _)| *is_taken).map(|(_, standard)| standard)
}

/// What a client should call the file that it saves the elements in: the ids above, and what they are; `part` where there
/// are more of them.
pub(super) fn file_name(call: &Call, part: bool) -> String {
    let mut name = String::new();
    for id in &call.target.path.0 {
        // An id of an existing table may be a text of any characters, and a header has few of them.
        id.push_to(&mut name);
        name.push('-');
    }
    name.push_str(call.node().descriptor.segment);
    name.push_str(if part { "-page." } else { "." });
    name.push_str(call.exchange.format.name());
    name
}
