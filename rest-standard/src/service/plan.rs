//! The plan of a write: what was read, what is to be written, and the batch that commits it.
//!
//! Author code runs against a plan and never inside a database transaction. Everything read through it becomes a
//! precondition of the commit, so a plan that is committed is as if it had run alone.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::{SignedDuration, Timestamp};

use super::{Api, read::nothing_below, session::Handle};
use crate::{
    codec::{self, Audience},
    context::{Caller, Session},
    descriptor::BoxFuture,
    error::{Error, Fault, Reason, Result},
    store::{Deletion, Record, content_revision},
    tree::{Node, NodeId},
    validate,
    value::{Path, Row, Value},
};

/// One resource, by its node and ids.
pub(super) type Place = (NodeId, Path);

/// The plan of one write request.
pub(super) struct Plan {
    pub(super) api: Arc<Api>,
    pub(super) caller: Caller,
    pub(super) request_id: String,
    now: Timestamp,
    inner: Mutex<Inner>,
}

#[derive(Default)]
pub(super) struct Inner {
    pub(super) loaded: HashMap<Place, Loaded>,
    /// What is to be written, in the order in which it was first planned; deletes where they were planned.
    pub(super) pending: Vec<Pending>,
    /// Where each place is in `pending`.
    index: HashMap<Place, usize>,
    /// Which resources were to have a value of a unique field, by node, field and the value as text.
    holders: HashMap<(NodeId, usize, String), Vec<Path>>,
    /// Which rules have run.
    pub(super) ruled: HashSet<(Place, Rule)>,
    /// Collections in which nothing may be but what is soft-deleted.
    pub(super) empty: Vec<Place>,
    /// What no field may refer to any more: the field, and the id as its value.
    pub(super) unreferenced: Vec<(NodeId, usize, Value)>,
    pub(super) after_commit: Vec<BoxFuture<'static, ()>>,
    /// Why a put was refused whose row is pending already, so that the plan must not be committed.
    pub(super) refused: Option<String>,
}

/// Which of a resource's rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Rule {
    Put,
    Delete,
}

/// A row as the store had it.
#[derive(Clone)]
pub(super) struct Loaded {
    pub(super) record: Option<Arc<Record>>,
    /// Whether its values matter, and not only that it exists.
    pub(super) exact: bool,
    /// Whether it matters that it is not soft-deleted.
    pub(super) live: bool,
}

pub(super) struct Pending {
    pub(super) place: Place,
    /// The resource before; for an absent singleton its defaults.
    pub(super) before: Option<Arc<Record>>,
    /// Whether `before` is a stored row.
    pub(super) stored: bool,
    pub(super) after: After,
}

pub(super) enum After {
    Put(Arc<Record>),
    Delete,
    DeleteTree,
    /// A resource that the plan itself would have created leaves no trace, nor does a write that a delete replaced.
    Nothing,
}

impl Inner {
    pub(super) fn find(&self, node: NodeId, path: &Path) -> Option<&Pending> {
        // Most plans hold one or two writes, where looking is cheaper than hashing.
        if self.pending.len() < 4 {
            return self.pending.iter().rfind(|pending| pending.place.0 == node && pending.place.1 == *path);
        }
        self.index.get(&(node, path.clone())).map(|at| &self.pending[*at])
    }

    pub(super) fn find_mut(&mut self, node: NodeId, path: &Path) -> Option<&mut Pending> {
        self.index.get(&(node, path.clone())).map(|at| &mut self.pending[*at])
    }

    /// Takes what is pending at a place; nothing stays in its position, so that the others keep theirs.
    pub(super) fn take(&mut self, node: NodeId, path: &Path) -> Option<Pending> {
        let pending = self.find_mut(node, path)?;
        let after = std::mem::replace(&mut pending.after, After::Nothing);
        let (place, before) = (pending.place.clone(), pending.before.clone());
        Some(Pending { place, before, stored: pending.stored, after })
    }

    /// Whether another resource of this plan has the value of a unique field; notes that this one wants it.
    fn claims_twice(
        &mut self,
        node: NodeId,
        path: &Path,
        field: usize,
        value: &Value,
        json: &serde_json::Value,
    ) -> bool {
        let holders = self.holders.entry((node, field, json.to_string())).or_default();
        holders.retain(|holder| holder != path);
        holders.push(path.clone());
        let others = holders[..holders.len() - 1].to_vec();
        // What was wanted may have been given up since.
        others.iter().any(|other| {
            self.find(node, other).is_some_and(
                |pending| matches!(&pending.after, After::Put(record) if record.row.0[field] == *value),
            )
        })
    }

    pub(super) fn push(&mut self, pending: Pending) {
        self.index.insert(pending.place.clone(), self.pending.len());
        self.pending.push(pending);
    }
}

impl Pending {
    pub(super) fn is_change(&self) -> bool {
        match (&self.before, &self.after) {
            (_, After::Nothing) => false,
            (Some(before), After::Put(after)) => before.row != after.row || before.deletion != after.deletion,
            _ => true,
        }
    }
}

impl Plan {
    pub(super) fn new(api: Arc<Api>, caller: Caller, request_id: String) -> Arc<Self> {
        let now = api.source.now();
        Arc::new(Self { api, caller, request_id, now, inner: Mutex::default() })
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Inner> {
        // A panic in author code cannot leave the plan half-changed: no author code runs under the lock.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn random(&self) -> i64 {
        i64::from_ne_bytes(self.api.source.random().to_ne_bytes())
    }

    /// The stored row, remembered as a precondition.
    async fn load(&self, node: NodeId, path: &Path, exact: bool) -> Result<Option<Arc<Record>>> {
        let place = (node, path.clone());
        if let Some(loaded) = self.lock().loaded.get_mut(&place) {
            loaded.exact |= exact;
            return Ok(loaded.record.clone());
        }
        let record = self.api.store.read(node, path).await?;
        // Another read of the same place may have come first; what it found is what the plan goes by.
        let mut inner = self.lock();
        let loaded = inner.loaded.entry(place).or_insert(Loaded { record, exact, live: false });
        loaded.exact |= exact;
        Ok(loaded.record.clone())
    }

    /// Takes it that nothing is at `path`, whose id was just drawn; the insert would find out otherwise.
    pub(super) fn assume_absent(&self, node: &Node, path: &Path) {
        self.lock()
            .loaded
            .insert((node.id, path.clone()), Loaded { record: None, exact: false, live: false });
    }

    /// The resource as this plan leaves it; an absent singleton has its defaults as soon as its owner exists.
    pub(super) async fn current(&self, node: &Node, path: &Path) -> Result<Option<Arc<Record>>> {
        if let Some(found) = self.planned(node.id, path) {
            return Ok(found);
        }
        match self.load(node.id, path, true).await? {
            None if node.descriptor.is_singleton() => self.absent_singleton(node, path).await,
            found => Ok(found),
        }
    }

    /// What is pending at a place: `None` if nothing is, `Some(None)` after a delete.
    pub(super) fn planned(&self, node: NodeId, path: &Path) -> Option<Option<Arc<Record>>> {
        let inner = self.lock();
        Some(match &inner.find(node, path)?.after {
            After::Put(record) => Some(record.clone()),
            After::Delete | After::DeleteTree | After::Nothing => None,
        })
    }

    async fn absent_singleton(&self, node: &Node, path: &Path) -> Result<Option<Arc<Record>>> {
        let owner = match node.owner {
            None => None,
            Some(owner) => {
                // The identity and times of an absent singleton are its owner's, so the owner's revision matters.
                let owner_path = path.ancestor(self.api.tree.node(owner).depth);
                let found = match self.planned(owner, &owner_path) {
                    Some(found) => found,
                    None => self.load(owner, &owner_path, true).await?,
                };
                match found {
                    Some(owner) => Some(owner),
                    None => return Ok(None),
                }
            }
        };
        Ok(Some(Arc::new(self.api.default_singleton(node, path, owner.as_deref()))))
    }

    /// The resource at `path` cut to the depth of `node`; only its existence is a precondition.
    pub(super) async fn exists(&self, node: NodeId, path: &Path) -> Result<Option<Arc<Record>>> {
        let path = path.ancestor(self.api.tree.node(node).depth);
        match self.planned(node, &path) {
            Some(found) => Ok(found),
            None => self.load(node, &path, false).await,
        }
    }

    /// The resource at `path`, of which it is a precondition that it is there and not soft-deleted, if it is.
    pub(super) async fn live(&self, node: NodeId, path: &Path) -> Result<Option<Arc<Record>>> {
        if let Some(found) = self.planned(node, path) {
            return Ok(found);
        }
        let found = self.load(node, path, false).await?;
        if let Some(loaded) = self.lock().loaded.get_mut(&(node, path.clone())) {
            loaded.live = true;
        }
        Ok(found)
    }

    /// Refuses what is below a resource that does not exist.
    pub(super) async fn check_owner(&self, node: &Node, path: &Path) -> Result<()> {
        match node.owner {
            Some(owner) if self.exists(owner, path).await?.is_none() => {
                Err(nothing_below(&self.api, self.api.tree.node(owner), path))
            }
            _ => Ok(()),
        }
    }

    /// Plans a create or update; `row` is what the caller wants written. Rules run once for each resource.
    pub(super) async fn put(
        self: &Arc<Self>,
        node: &Node,
        path: &Path,
        row: Row,
        checked: bool,
    ) -> Result<()> {
        let before = self.current(node, path).await?;
        self.check_live(node, path, before.as_deref()).await?;
        if before.is_none() {
            self.check_new(node, path).await?;
            if self.lock().find(node.id, path).is_some_and(|pending| pending.stored) {
                let text = format!("one request cannot delete and create `{}` {path:?}", node.address);
                return Err(Error::internal(text));
            }
        }
        // A singleton's change is recorded with its owner, whose incarnation must be the one that is read here.
        if node.descriptor.is_singleton()
            && let Some(owner) = node.owner
        {
            let owner_path = path.ancestor(self.api.tree.node(owner).depth);
            if self.api.tree.node(owner).changes.is_some() && self.planned(owner, &owner_path).is_none() {
                self.load(owner, &owner_path, true).await?;
            }
        }
        // Rules see what is planned, so the row is there before it is judged.
        self.set(node, path, before.as_ref(), row.clone());
        let judged = self.judge(node, path, before, row, checked).await;
        if let Err(error) = &judged {
            self.lock().refused = Some(format!("{error:?}"));
        }
        judged
    }

    async fn judge(
        self: &Arc<Self>,
        node: &Node,
        path: &Path,
        before: Option<Arc<Record>>,
        row: Row,
        mut checked: bool,
    ) -> Result<()> {
        let place = (node.id, path.clone());
        let row = match node.descriptor.rules {
            Some(rules) if self.lock().ruled.insert((place, Rule::Put)) => {
                checked = false;
                let session: Arc<dyn Session> = Arc::new(Handle(self.clone()));
                let ruled = match &before {
                    None => (rules.on_create)(row, session, path.clone()).await?,
                    Some(before) => {
                        self.check_fixed(node, before, &row).await?;
                        (rules.on_update)(before.row.clone(), row, session, path.clone()).await?
                    }
                };
                self.set(node, path, before.as_ref(), ruled.clone());
                ruled
            }
            _ => row,
        };
        if let Some(before) = &before {
            self.check_fixed(node, before, &row).await?;
        }
        if !checked {
            check_author_values(node, before.as_deref(), &row)?;
        }
        // A value that is wrong comes before one that is another's.
        let mut faults = self.dangling(node, before.as_deref(), &row.0).await?;
        faults.extend(self.taken(node, path, before.as_deref(), &row).await?);
        if faults.is_empty() { Ok(()) } else { Err(Error::from_faults(faults)) }
    }

    /// Refuses a change of what is fixed, and tells what refers to nothing along with it.
    async fn check_fixed(&self, node: &Node, before: &Record, row: &Row) -> Result<()> {
        let mut faults = changed_immutables(node, &before.row, row);
        if faults.is_empty() {
            return Ok(());
        }
        faults.extend(self.dangling(node, Some(before), &row.0).await?);
        Err(Error::from_faults(faults))
    }

    /// Refuses what would write a soft-deleted resource, or anything below one.
    pub(super) async fn check_live(&self, node: &Node, path: &Path, record: Option<&Record>) -> Result<()> {
        if record.is_some_and(|record| record.deletion.is_some()) {
            return Err(Error::failed_precondition("The resource is deleted; `:undelete` brings it back."));
        }
        for above in &node.soft_above {
            let above = self.api.tree.node(*above);
            let found = self.live(above.id, &path.ancestor(above.depth)).await?;
            if found.is_some_and(|record| record.deletion.is_some()) {
                let text = format!(
                    "The resource of `{}` above is deleted; `:undelete` brings it back.",
                    above.descriptor.segment
                );
                return Err(Error::failed_precondition(text));
            }
        }
        Ok(())
    }

    /// Marks a resource as deleted, or takes the mark away.
    pub(super) fn mark(&self, node: &Node, record: &Arc<Record>, deleted: bool) {
        let keep = node.descriptor.soft_delete.and_then(|seconds| i64::try_from(seconds).ok());
        let keep = SignedDuration::from_secs(keep.unwrap_or_default());
        self.set(node, &record.path, Some(record), record.row.clone());
        let mut inner = self.lock();
        if let Some(Pending { after: After::Put(after), .. }) = inner.find_mut(node.id, &record.path) {
            Arc::make_mut(after).deletion = deleted.then(|| {
                Box::new(Deletion {
                    at: self.now,
                    by: self.caller.name().map(str::to_owned),
                    purge_at: self.now.saturating_add(keep).unwrap_or(Timestamp::MAX),
                })
            });
        }
    }

    async fn check_new(&self, node: &Node, path: &Path) -> Result<()> {
        self.check_owner(node, path).await?;
        // A singleton is there as soon as its owner is.
        if node.descriptor.is_singleton() {
            return Err(Error::not_found("The resource does not exist."));
        }
        Ok(())
    }

    /// Puts `row` into the plan, keeping the place that the resource has in the order of writes.
    pub(super) fn set(&self, node: &Node, path: &Path, before: Option<&Arc<Record>>, row: Row) {
        let by = self.caller.name().map(str::to_owned);
        let fresh = |before: Option<&Arc<Record>>| match before {
            Some(before) => Record {
                revision: self.random(),
                updated_at: self.now,
                updated_by: by.clone(),
                ..(**before).clone()
            },
            None => Record {
                path: path.clone(),
                revision: self.random(),
                incarnation: self.random(),
                change_count: 0,
                created_at: self.now,
                created_by: by.clone(),
                updated_at: self.now,
                updated_by: by.clone(),
                deletion: None,
                row: Row::default(),
            },
        };
        let mut inner = self.lock();
        if let Some(pending) = inner.find_mut(node.id, path) {
            match &mut pending.after {
                After::Put(record) => {
                    let record = Arc::make_mut(record);
                    record.row = row;
                    identify(node, record);
                }
                after => {
                    let mut record = Record { row, ..fresh(None) };
                    identify(node, &mut record);
                    *after = After::Put(Arc::new(record));
                }
            }
            return;
        }
        let stored = inner.loaded.get(&(node.id, path.clone())).is_some_and(|loaded| loaded.record.is_some());
        let mut record = Record { row, ..fresh(before) };
        identify(node, &mut record);
        inner.push(Pending {
            place: (node.id, path.clone()),
            before: before.cloned(),
            stored,
            after: After::Put(Arc::new(record)),
        });
    }

    /// The unique values that another resource has.
    async fn taken(
        &self,
        node: &Node,
        path: &Path,
        before: Option<&Record>,
        row: &Row,
    ) -> Result<Vec<Fault>> {
        let mut faults = Vec::new();
        for (index, field) in node.descriptor.fields.iter().enumerate().filter(|(_, field)| field.unique) {
            let value = &row.0[index];
            if value.is_null() || before.is_some_and(|before| before.row.0[index] == *value) {
                continue;
            }
            let stored =
                self.api.store.find_unique(node.id, index, value).await?.filter(|other| other != path);
            let taken = match stored {
                // The holder may be giving the value up in this very plan.
                Some(other) => match self.planned(node.id, &other) {
                    Some(planned) => planned.is_some_and(|record| record.row.0[index] == *value),
                    None => true,
                },
                None => false,
            };
            let json = codec::field_to_json(field, value, Audience::Store);
            if taken || self.lock().claims_twice(node.id, path, index, value, &json) {
                let detail = if field.input_only {
                    "is taken; it must be unique".to_owned()
                } else {
                    let shown = validate::excerpt(&codec::field_to_json(field, value, Audience::Client));
                    format!("must be unique, {shown} is taken")
                };
                faults.push(Fault::pointer(Reason::AlreadyExists, format!("/{}", field.name), detail));
            }
        }
        Ok(faults)
    }

    /// The instant that the plan's writes carry.
    pub(super) fn now(&self) -> Timestamp {
        self.now
    }

    /// Whether the plan writes anything.
    pub(super) fn writes(&self) -> bool {
        self.lock().pending.iter().any(Pending::is_change)
    }

    /// What the plan leaves at a place: the written record, or the one before where nothing changed.
    pub(super) fn result(&self, node: NodeId, path: &Path) -> Option<(Arc<Record>, bool)> {
        let inner = self.lock();
        let pending = inner.find(node, path)?;
        match (&pending.before, &pending.after) {
            (Some(before), After::Put(_)) if !pending.is_change() => Some((before.clone(), false)),
            (_, After::Put(after)) => Some((after.clone(), true)),
            (_, After::Delete | After::DeleteTree | After::Nothing) => None,
        }
    }

    /// Takes what is to be run once the commit is durable.
    pub(super) fn take_after_commit(&self) -> Vec<BoxFuture<'static, ()>> {
        std::mem::take(&mut self.lock().after_commit)
    }
}

fn changed_immutables(node: &Node, before: &Row, after: &Row) -> Vec<Fault> {
    let fields = node.descriptor.fields.iter().enumerate().filter(|(_, field)| field.immutable);
    fields
        .filter(|(index, _)| before.0[*index] != after.0[*index])
        .map(|(_, field)| {
            let detail = "cannot be changed; it is fixed once the resource is created";
            Fault::pointer(Reason::InvalidValue, format!("/{}", field.name), detail)
        })
        .collect()
}

/// Author code can leave any value of a field's type; the declaration holds for it, too.
fn check_author_values(node: &Node, before: Option<&Record>, row: &Row) -> Result<()> {
    let mut faults = Vec::new();
    validate::author_row(node.descriptor.fields, before.map(|before| &before.row), row, &mut faults);
    // What the client sent was checked before, so these values are the author's.
    if faults.is_empty() { Ok(()) } else { Err(Error::from_faults(faults).with_sent(|_| false)) }
}

/// An existing table keeps no revision of a row and no incarnation of an id; what its row holds stands for both.
fn identify(node: &Node, record: &mut Record) {
    if node.descriptor.existing.is_some() {
        record.revision = content_revision(&record.row);
        record.incarnation = 0;
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        descriptor::FieldDescriptor,
        tree::{CHANGE, CHANGE_METHOD},
        validate,
        value::{Row, Value},
    };

    #[test]
    fn a_value_that_author_code_left_alone_is_not_checked_again() {
        let fields = [FieldDescriptor { length: Some((0, 2)), ..CHANGE.fields[CHANGE_METHOD] }];
        let row = |text: &str| Row(vec![Value::Text(text.to_owned())]);
        let faults = |before: Option<&Row>, after: &str| {
            let mut faults = Vec::new();
            validate::author_row(&fields, before, &row(after), &mut faults);
            faults.len()
        };
        assert_eq!(faults(None, "longer"), 1);
        assert_eq!(faults(Some(&row("longer")), "longer"), 0);
        assert_eq!(faults(Some(&row("longer")), "longest"), 1);
        assert_eq!(faults(Some(&row("longer")), "ok"), 0);
    }
}
