//! From a plan to the batch that commits it, change logs included.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use serde_json::{Map, Value as Json};

use super::plan::{After, Inner, Pending, Place, Plan};
use crate::{
    codec::{self, Audience},
    error::{Error, Result},
    json,
    store::{Change, Expect, Record, Write, WriteBatch},
    tree::{Node, NodeId},
    value::{Path, Value},
};

impl Plan {
    /// The batch that commits the plan; `method` is what change logs call the request.
    ///
    /// # Errors
    ///
    /// `Internal` where author code went on after a put of its was refused.
    pub(super) fn batch(&self, method: &str) -> Result<WriteBatch> {
        let inner = self.lock();
        if let Some(refused) = &inner.refused {
            return Err(Error::internal(format!("author code went on after a refused put: {refused}")));
        }
        let changed: Vec<&Pending> = inner.pending.iter().filter(|pending| pending.is_change()).collect();
        let found = self.found_by_inserts(&inner, &changed);
        let mut batch = WriteBatch::default();
        for (place, loaded) in &inner.loaded {
            let (node, path) = place.clone();
            match &loaded.record {
                Some(record) if loaded.exact => {
                    batch.expect.push(Expect::Revision(node, path, record.revision));
                }
                Some(_) if loaded.live => batch.expect.push(Expect::Live(node, path)),
                _ if found.contains(place) => {}
                Some(_) => batch.expect.push(Expect::Exists(node, path)),
                None => batch.expect.push(Expect::Absent(node, path)),
            }
        }
        batch.expect.extend(inner.empty.iter().map(|(node, path)| Expect::Empty(*node, path.clone())));
        for (node, field, value) in &inner.unreferenced {
            batch.expect.push(Expect::Unreferenced(*node, *field, value.clone()));
        }
        for pending in &changed {
            let (node, path) = pending.place.clone();
            batch.writes.push(match &pending.after {
                After::Put(record) if pending.stored => Write::Update(node, (**record).clone()),
                After::Put(record) => Write::Insert(node, (**record).clone()),
                After::Delete => Write::Delete(node, path),
                After::DeleteTree => Write::DeleteTree(node, path),
                After::Nothing => continue,
            });
        }
        batch.writes.extend(self.changes(&inner, &changed, method).into_iter().map(Write::Append));
        Ok(batch)
    }

    /// What inserts find by themselves, so that it need not be expected: a key that is taken, and, among the framework's own
    /// tables, an owner that is missing.
    fn found_by_inserts(&self, inner: &Inner, changed: &[&Pending]) -> HashSet<Place> {
        let tree = &self.api.tree;
        let owner_of = |(node, path): &Place| {
            let owner = tree.node(*node).owner?;
            Some((owner, path.ancestor(tree.node(owner).depth)))
        };
        let is_own = |node: NodeId| tree.node(node).descriptor.existing.is_none();
        let inserted: HashSet<Place> =
            changed.iter().filter(|pending| !pending.stored).map(|pending| pending.place.clone()).collect();
        // What was not there is kept out by its owner, which a store can only hold on to where it is expected.
        let absent = inner.loaded.iter().filter(|(_, loaded)| loaded.record.is_none());
        let keeping_out: HashSet<Place> = absent
            .filter(|(place, _)| !inserted.contains(*place))
            .filter_map(|(place, _)| owner_of(place))
            .collect();
        let owners: Vec<Place> = inserted
            .iter()
            .filter_map(|place| owner_of(place).filter(|(owner, _)| is_own(place.0) && is_own(*owner)))
            .filter(|owner| !keeping_out.contains(owner))
            .collect();
        inserted.into_iter().chain(owners).collect()
    }

    /// One change for each resource with a change log that was changed, its singletons' changes included.
    fn changes(&self, inner: &Inner, changed: &[&Pending], method: &str) -> Vec<Change> {
        let mut changes: Vec<Change> = Vec::new();
        let mut positions: HashMap<Place, usize> = HashMap::new();
        for pending in changed {
            let node = self.api.tree.node(pending.place.0);
            let own = node.changes.is_some();
            let owner = match (own, node.descriptor.is_singleton(), node.owner) {
                (true, _, _) => node,
                (false, true, Some(owner)) if self.api.tree.node(owner).changes.is_some() => {
                    self.api.tree.node(owner)
                }
                _ => continue,
            };
            let path = pending.place.1.ancestor(owner.depth);
            let Some(incarnation) = self.incarnation(inner, owner.id, &path) else { continue };
            let at = *positions.entry((owner.id, path.clone())).or_insert_with(|| {
                changes.push(Change {
                    owner: owner.id,
                    path: path.clone(),
                    incarnation,
                    at: self.now(),
                    by: self.caller.name().map(str::to_owned),
                    request_id: self.request_id.clone(),
                    method: method.to_owned(),
                    patch: Json::Object(Map::new()),
                });
                changes.len() - 1
            });
            let patch = patch_of(node, pending);
            let change = &mut changes[at];
            match (&mut change.patch, patch) {
                (Json::Object(whole), Json::Object(members)) if own => whole.extend(members),
                (Json::Object(whole), members) if !own => {
                    whole.insert(node.descriptor.segment.to_owned(), members);
                }
                (whole, members) => *whole = members,
            }
        }
        changes
    }

    fn incarnation(&self, inner: &Inner, node: NodeId, path: &Path) -> Option<i64> {
        match inner.find(node, path).map(|pending| (&pending.before, &pending.after)) {
            Some((_, After::Put(record))) => Some(record.incarnation),
            Some((Some(record), _)) => Some(record.incarnation),
            _ => inner.loaded.get(&(node, path.clone()))?.record.as_ref().map(|record| record.incarnation),
        }
    }
}

/// The merge patch from before to after, without what clients cannot read; null for a delete, whose target is gone.
fn patch_of(node: &Node, pending: &Pending) -> Json {
    let After::Put(after) = &pending.after else { return Json::Null };
    let before = pending.before.as_ref();
    let mut patch = Map::new();
    for (index, field) in node.descriptor.fields.iter().enumerate().filter(|(_, field)| !field.input_only) {
        let old = before.map_or(&Value::Null, |before| &before.row.0[index]);
        let new = &after.row.0[index];
        if old == new {
            continue;
        }
        let [old, new] = [old, new].map(|value| codec::field_to_json(field, value, Audience::Client));
        if old != new {
            patch.insert(field.name.to_owned(), json::merge_patch(&old, &new));
        }
    }
    let deletion = |record: &Record| {
        let deletion = record.deletion.as_deref();
        let time = |instant: Option<Timestamp>| {
            instant.map_or(Json::Null, |at| Json::String(codec::timestamp_text(at)))
        };
        [
            ("deletedAt", time(deletion.map(|deletion| deletion.at))),
            ("deletedBy", deletion.and_then(|deletion| deletion.by.clone()).map_or(Json::Null, Json::String)),
            ("purgeAt", time(deletion.map(|deletion| deletion.purge_at))),
        ]
    };
    if let Some(before) = before {
        let changed = deletion(before).into_iter().zip(deletion(after)).filter(|(old, new)| old != new);
        patch.extend(changed.map(|(_, (name, value))| (name.to_owned(), value)));
    }
    Json::Object(patch)
}
