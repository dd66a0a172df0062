//! Read: GET of a resource or singleton.

use std::sync::Arc;

use super::{
    Api, Refusal,
    call::{Call, Verdict},
    expand::expand,
};
use crate::{
    descriptor::Method,
    document::{
        Data, Detail, Outcome, Site, View, begin_success, etag, write_data, write_resource, write_validated,
    },
    error::{Error, Result},
    query::{Holds, Selection, Standard},
    store::{Excerpt, Extent, Record},
    tree::{Node, NodeId},
    value::{Path, Row, Value},
};

/// Answers a Read.
pub(super) async fn read(call: &mut Call) -> Result<(Outcome, Data), Refusal> {
    let mut accepted = Standard::READ.to_vec();
    accepted.extend(call.node().descriptor.references().next().map(|_| Standard::Expand));
    call.parse_query(&accepted, Holds::Other);
    call.refuse_faults()?;
    let node = call.node();
    let selection = call.parameters.select.as_ref();
    let excerpt = match selection {
        Some(_) => {
            let extent = call.parameters.extent([]);
            current_excerpt(&call.api, node, &call.target.path, &extent).await?
        }
        None => current(&call.api, node, &call.target.path).await?.map(Excerpt::from),
    };
    let excerpt = excerpt.ok_or_else(|| Error::not_found("The resource does not exist."))?;
    let fields = &call.parameters.expand;
    let expanded = expand(&call.api, node, fields, std::slice::from_ref(&excerpt)).await?;
    let parts = [selection.map(Selection::tag), expanded.as_ref().map(|of| of.tag(&excerpt))];
    let parts = parts.iter().flatten().map(String::as_str);
    let tag = etag::of_representation(&etag::of_revision(excerpt.revision()), parts);
    let verdict = call.conditions.judge_read(&tag)?;
    let mut outcome = Outcome { status: 200, etag: Some(tag), ..Outcome::default() };
    if verdict == Verdict::NotModified {
        outcome.status = 304;
        return Ok((outcome, Data::NotModified));
    }
    let frozen = is_frozen(&call.api, node, &call.target.path).await?;
    let site = call.site();
    let collection_url = site.collection_url(node, excerpt.path());
    let view = View { node, excerpt, selection, frozen, expanded: expanded.as_ref() };
    let validated = call.parameters.validate;
    let mut writer = begin_success(&call.exchange, 200, "The resource as it is now.", 2048);
    write_data(
        &mut writer,
        |meta| write_validated(meta, validated),
        |values| write_resource(values, site, &view, &collection_url, Detail::Stored),
    );
    Ok((outcome, Data::Enveloped(writer)))
}

/// The resource at `path` as it is stored; a singleton without a row has its defaults once its owner exists.
pub(super) async fn current(api: &Api, node: &Node, path: &Path) -> Result<Option<Arc<Record>>> {
    if node.is_change_log {
        return change(api, node, path).await;
    }
    if let Some(record) = api.store.read(node.id, path).await? {
        return Ok(Some(record));
    }
    if !node.descriptor.is_singleton() {
        return Ok(None);
    }
    match owner(api, node, path).await? {
        Owner::Missing => Ok(None),
        Owner::Root => Ok(Some(Arc::new(api.default_singleton(node, path, None)))),
        Owner::Found(owner) => Ok(Some(Arc::new(api.default_singleton(node, path, Some(&owner))))),
    }
}

/// The same where no more than `extent` is needed. An entry of a change log is small, and read as a whole.
async fn current_excerpt(api: &Api, node: &Node, path: &Path, extent: &Extent) -> Result<Option<Excerpt>> {
    if !node.is_change_log
        && let Some(excerpt) = api.store.read_excerpt(node.id, path, extent).await?
    {
        return Ok(Some(excerpt));
    }
    if !node.is_change_log && !node.descriptor.is_singleton() {
        return Ok(None);
    }
    Ok(current(api, node, path).await?.map(|record| Excerpt::new(record, extent.clone())))
}

async fn change(api: &Api, node: &Node, path: &Path) -> Result<Option<Arc<Record>>> {
    match owner(api, node, path).await? {
        Owner::Found(owner) => api.store.read_change(node.id, path, owner.incarnation).await,
        Owner::Missing | Owner::Root => Ok(None),
    }
}

/// The row that a node's rows belong to.
pub(super) enum Owner {
    /// The API root: always there.
    Root,
    /// This row.
    Found(Arc<Record>),
    /// A row that does not exist.
    Missing,
}

/// The nearest resource of a collection above `node`.
pub(super) async fn owner(api: &Api, node: &Node, path: &Path) -> Result<Owner> {
    let Some(owner) = node.owner else { return Ok(Owner::Root) };
    let path = path.ancestor(api.tree.node(owner).depth);
    Ok(api.store.read(owner, &path).await?.map_or(Owner::Missing, Owner::Found))
}

/// The refusal of what is below a resource that does not exist; `owner` is the node of that.
pub(super) fn nothing_below(api: &Api, owner: &Node, path: &Path) -> Error {
    // Ids that an address cannot have were refused before, so none of what is repeated here is the client's own text.
    let site = Site { tree: &api.tree, root: "" };
    let address = site.resource_url(owner, &path.ancestor(owner.depth));
    Error::not_found(format!("There is no `{address}`, so there is nothing below it."))
}

/// Whether a resource above is soft-deleted, so that nothing can be written here.
pub(super) async fn is_frozen(api: &Api, node: &Node, path: &Path) -> Result<bool> {
    for above in &node.soft_above {
        let path = path.ancestor(api.tree.node(*above).depth);
        if api.store.read(*above, &path).await?.is_some_and(|above| above.deletion.is_some()) {
            return Ok(true);
        }
    }
    Ok(false)
}

impl Api {
    /// A singleton without a row: its defaults, with the times and the identity of its owner.
    pub(super) fn default_singleton(&self, node: &Node, path: &Path, owner: Option<&Record>) -> Record {
        let row =
            node.descriptor.fields.iter().map(|field| field.default_value().unwrap_or(Value::Null)).collect();
        let created_at = owner.map_or(self.created_at, |owner| owner.created_at);
        let created_by = owner.and_then(|owner| owner.created_by.clone());
        // The first tag comes from the incarnation, which no revision of a row equals but by a chance of 1 in 2^64.
        let incarnation = owner.map_or(0, |owner| owner.incarnation);
        Record {
            path: path.clone(),
            revision: incarnation,
            incarnation,
            change_count: 0,
            created_at,
            created_by: created_by.clone(),
            updated_at: created_at,
            updated_by: created_by,
            deletion: None,
            row: Row(row),
        }
    }

    /// Whether a node has a standard method.
    pub(super) fn has(&self, node: NodeId, method: Method) -> bool {
        self.tree.node(node).descriptor.methods.has(method)
    }
}
