//! The plan of a write: what was read, what is to be written, and the batch that commits it.
//!
//! Author code runs against a plan and never inside a database transaction. Everything read through it becomes a
//! precondition of the commit, so a plan that is committed is as if it had run alone.

use std::{
    any::{Any, TypeId},
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;
use serde_json::{Map, Value as Json};

use super::Api;
use crate::{
    codec::{self, Audience},
    context::{Caller, Session},
    descriptor::{BoxFuture, Descriptor, IdKind, Method},
    error::{Error, Fault, Reason, Result},
    json,
    store::{Change, Count, Expect, Record, Scan, Scope, Write, WriteBatch},
    tree::{Node, NodeId},
    validate,
    value::{Id, Path, Row, Value},
};

/// One resource, by its node and ids.
type Place = (NodeId, Path);

/// The plan of one write request.
pub(super) struct Plan {
    api: Arc<Api>,
    caller: Caller,
    request_id: String,
    now: Timestamp,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    loaded: HashMap<Place, Loaded>,
    /// What is to be written, in the order in which it was first planned.
    pending: Vec<Pending>,
    /// Where each place is in `pending`.
    index: HashMap<Place, usize>,
    ruled: HashSet<Place>,
    after_commit: Vec<BoxFuture<'static, ()>>,
}

/// A row as the store had it.
#[derive(Clone)]
struct Loaded {
    record: Option<Arc<Record>>,
    /// Whether its values matter, and not only that it exists.
    exact: bool,
}

struct Pending {
    place: Place,
    /// The resource before; for an absent singleton its defaults.
    before: Option<Arc<Record>>,
    /// Whether `before` is a stored row.
    stored: bool,
    after: After,
}

enum After {
    Put(Arc<Record>),
    Delete,
    DeleteTree,
    /// A resource that the plan itself would have created leaves no trace.
    Nothing,
}

impl Inner {
    fn find(&self, node: NodeId, path: &Path) -> Option<&Pending> {
        // Most plans hold one or two writes, where looking is cheaper than hashing.
        if self.pending.len() < 4 {
            return self.pending.iter().find(|pending| pending.place.0 == node && pending.place.1 == *path);
        }
        self.index.get(&(node, path.clone())).map(|at| &self.pending[*at])
    }

    fn find_mut(&mut self, node: NodeId, path: &Path) -> Option<&mut Pending> {
        self.index.get(&(node, path.clone())).map(|at| &mut self.pending[*at])
    }

    fn push(&mut self, pending: Pending) {
        self.index.insert(pending.place.clone(), self.pending.len());
        self.pending.push(pending);
    }
}

impl Pending {
    fn is_change(&self) -> bool {
        match (&self.before, &self.after) {
            (_, After::Nothing) => false,
            (Some(before), After::Put(after)) => before.row != after.row,
            _ => true,
        }
    }
}

impl Plan {
    pub(super) fn new(api: Arc<Api>, caller: Caller, request_id: String) -> Arc<Self> {
        let now = api.source.now();
        Arc::new(Self { api, caller, request_id, now, inner: Mutex::default() })
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
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
        self.lock().loaded.insert(place, Loaded { record: record.clone(), exact });
        Ok(record)
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
    fn planned(&self, node: NodeId, path: &Path) -> Option<Option<Arc<Record>>> {
        let inner = self.lock();
        Some(match &inner.find(node, path)?.after {
            After::Put(record) => Some(record.clone()),
            After::Delete | After::DeleteTree | After::Nothing => None,
        })
    }

    async fn absent_singleton(&self, node: &Node, path: &Path) -> Result<Option<Arc<Record>>> {
        let owner = match node.owner {
            None => None,
            Some(owner) => match self.exists(owner, path).await? {
                Some(owner) => Some(owner),
                None => return Ok(None),
            },
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

    /// Plans a create or update; `row` is what the caller wants written. Rules run once for each resource.
    pub(super) async fn put(self: &Arc<Self>, node: &Node, path: &Path, row: Row, checked: bool) -> Result<()> {
        let before = self.current(node, path).await?;
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
        self.set(node, path, before.as_ref(), row.clone());
        let place = (node.id, path.clone());
        let mut checked = checked;
        let row = match node.descriptor.rules {
            Some(rules) if self.lock().ruled.insert(place) => {
                checked = false;
                let session: Arc<dyn Session> = Arc::new(Handle(self.clone()));
                let ruled = match &before {
                    None => (rules.on_create)(row, session, path.clone()).await?,
                    Some(before) => {
                        check_immutable(node, &before.row, &row)?;
                        (rules.on_update)(before.row.clone(), row, session, path.clone()).await?
                    }
                };
                self.set(node, path, before.as_ref(), ruled.clone());
                ruled
            }
            _ => row,
        };
        if let Some(before) = &before {
            check_immutable(node, &before.row, &row)?;
        }
        if !checked {
            check_author_values(node, &row)?;
        }
        self.check_unique(node, path, before.as_deref(), &row).await
    }

    async fn check_new(&self, node: &Node, path: &Path) -> Result<()> {
        let absent = |what: &str| Error::not_found(format!("The {what} above does not exist."));
        if path.0.len() != node.depth {
            return Err(Error::internal(format!("`{}` has {} ids, a key with {} was given", node.address, node.depth, path.0.len())));
        }
        match node.owner {
            Some(owner) if self.exists(owner, path).await?.is_none() => Err(absent(self.api.tree.node(owner).descriptor.segment)),
            _ if node.descriptor.is_singleton() => Err(Error::not_found("The resource above does not exist.")),
            _ => Ok(()),
        }
    }

    /// Puts `row` into the plan, keeping the place that the resource has in the order of writes.
    fn set(&self, node: &Node, path: &Path, before: Option<&Arc<Record>>, row: Row) {
        let by = self.caller.name().map(str::to_owned);
        let fresh = |before: Option<&Arc<Record>>| match before {
            Some(before) => Record { revision: self.random(), updated_at: self.now, updated_by: by.clone(), ..(**before).clone() },
            None => Record {
                path: path.clone(),
                revision: self.random(),
                incarnation: self.random(),
                change_count: 0,
                created_at: self.now,
                created_by: by.clone(),
                updated_at: self.now,
                updated_by: by.clone(),
                row: Row::default(),
            },
        };
        let mut inner = self.lock();
        if let Some(pending) = inner.find_mut(node.id, path) {
            match &mut pending.after {
                After::Put(record) => Arc::make_mut(record).row = row,
                after => *after = After::Put(Arc::new(Record { row, ..fresh(None) })),
            }
            return;
        }
        let stored = inner.loaded.get(&(node.id, path.clone())).is_some_and(|loaded| loaded.record.is_some());
        let record = Record { row, ..fresh(before) };
        inner.push(Pending {
            place: (node.id, path.clone()),
            before: before.cloned(),
            stored,
            after: After::Put(Arc::new(record)),
        });
    }

    async fn check_unique(&self, node: &Node, path: &Path, before: Option<&Record>, row: &Row) -> Result<()> {
        for (index, field) in node.descriptor.fields.iter().enumerate().filter(|(_, field)| field.unique) {
            let value = &row.0[index];
            if value.is_null() || before.is_some_and(|before| before.row.0[index] == *value) {
                continue;
            }
            let stored = self.api.store.find_unique(node.id, index, value).await?.filter(|other| other != path);
            let taken = match stored {
                // The holder may be giving the value up in this very plan.
                Some(other) => match self.planned(node.id, &other) {
                    Some(planned) => planned.is_some_and(|record| record.row.0[index] == *value),
                    None => true,
                },
                None => false,
            };
            let planned_twice = self.lock().pending.iter().any(|pending| {
                pending.place.0 == node.id
                    && pending.place.1 != *path
                    && matches!(&pending.after, After::Put(record) if record.row.0[index] == *value)
            });
            if taken || planned_twice {
                let detail = if field.input_only {
                    "is taken; it must be unique".to_owned()
                } else {
                    let shown = validate::excerpt(&codec::field_to_json(field, value, Audience::Client));
                    format!("must be unique, {shown} is taken")
                };
                let fault = Fault::pointer(Reason::AlreadyExists, format!("/{}", field.name), detail);
                return Err(Error::from_faults(vec![fault]));
            }
        }
        Ok(())
    }

    /// Plans a delete.
    pub(super) async fn delete(self: &Arc<Self>, node: &Node, path: &Path, force: bool) -> Result<Arc<Record>> {
        let gone = || Error::not_found("The resource does not exist.");
        if node.descriptor.is_singleton() {
            return Err(Error::internal(format!("the singleton `{}` cannot be deleted", node.address)));
        }
        let record = self.current(node, path).await?.ok_or_else(gone)?;
        self.run_delete_rules(node, &record).await?;
        let children = self.child_collections(node);
        let mut has_children = false;
        for child in &children {
            let scan = first_of(child.id, path, 1);
            if !self.api.store.scan(&scan).await?.records.is_empty() {
                if !force {
                    let name = child.descriptor.segment;
                    return Err(Error::new(Reason::HasChildren, format!("The resource still has {name}; delete them first, or send `$force=true`.")));
                }
                has_children = true;
            }
        }
        if has_children {
            self.run_descendant_rules(node, path).await?;
        }
        let mut inner = self.lock();
        let gone = if force { After::DeleteTree } else { After::Delete };
        match inner.find_mut(node.id, path) {
            Some(pending) if pending.stored => pending.after = gone,
            Some(pending) => pending.after = After::Nothing,
            None => inner.push(Pending {
                place: (node.id, path.clone()),
                before: Some(record.clone()),
                stored: true,
                after: gone,
            }),
        }
        Ok(record)
    }

    async fn run_delete_rules(self: &Arc<Self>, node: &Node, record: &Record) -> Result<()> {
        if let Some(rules) = node.descriptor.rules
            && self.lock().ruled.insert((node.id, record.path.clone()))
        {
            (rules.on_delete)(record.row.clone(), Arc::new(Handle(self.clone())), record.path.clone()).await?;
        }
        Ok(())
    }

    /// The collections directly below a resource, also through its singletons; change logs are not children.
    fn child_collections(&self, node: &Node) -> Vec<&Node> {
        let mut found = Vec::new();
        for child in node.children.iter().map(|child| self.api.tree.node(*child)) {
            if child.descriptor.is_singleton() {
                found.extend(self.child_collections(child));
            } else if !child.is_change_log {
                found.push(child);
            }
        }
        found
    }

    /// Runs the delete rules of everything that a forced delete takes along.
    async fn run_descendant_rules(self: &Arc<Self>, node: &Node, path: &Path) -> Result<()> {
        /// More rules than this in one request would hold its row for too long.
        const MOST: u64 = 1000;
        let below = self.api.tree.descendants(node.id);
        for child in below.iter().map(|child| self.api.tree.node(*child)).filter(|child| {
            child.descriptor.rules.is_some() && !child.descriptor.is_singleton()
        }) {
            let page = self.api.store.scan(&first_of(child.id, path, MOST)).await?;
            if page.more {
                let name = child.descriptor.segment;
                return Err(Error::failed_precondition(format!(
                    "The resource has more than {MOST} {name}, whose rules must all be asked; delete them in parts first."
                )));
            }
            for record in page.records {
                self.lock().loaded.insert((child.id, record.path.clone()), Loaded { record: Some(record.clone()), exact: true });
                self.run_delete_rules(child, &record).await?;
            }
        }
        Ok(())
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

    /// The batch that commits the plan; `method` is what change logs call the request.
    pub(super) fn batch(&self, method: &str) -> WriteBatch {
        let inner = self.lock();
        let changed: Vec<&Pending> = inner.pending.iter().filter(|pending| pending.is_change()).collect();
        // An insert finds a taken key and a missing owner by itself, so neither need be expected.
        let mut inserted: HashSet<Place> = HashSet::new();
        for pending in changed.iter().filter(|pending| !pending.stored) {
            let (node, path) = &pending.place;
            inserted.insert((*node, path.clone()));
            if let Some(owner) = self.api.tree.node(*node).owner {
                inserted.insert((owner, path.ancestor(self.api.tree.node(owner).depth)));
            }
        }
        let mut batch = WriteBatch::default();
        for (place, loaded) in &inner.loaded {
            let (node, path) = place.clone();
            match &loaded.record {
                Some(record) if loaded.exact => batch.expect.push(Expect::Revision(node, path, record.revision)),
                _ if inserted.contains(place) => {}
                Some(_) => batch.expect.push(Expect::Exists(node, path)),
                None => batch.expect.push(Expect::Absent(node, path)),
            }
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
        batch
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
                (false, true, Some(owner)) if self.api.tree.node(owner).changes.is_some() => self.api.tree.node(owner),
                _ => continue,
            };
            let path = pending.place.1.ancestor(owner.depth);
            let Some(incarnation) = self.incarnation(inner, owner.id, &path) else { continue };
            let at = *positions.entry((owner.id, path.clone())).or_insert_with(|| {
                changes.push(Change {
                    owner: owner.id,
                    path: path.clone(),
                    incarnation,
                    at: self.now,
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

fn first_of(node: NodeId, parent: &Path, limit: u64) -> Scan {
    Scan {
        node,
        scope: Scope::Below(parent.clone()),
        equals: Vec::new(),
        order: Vec::new(),
        after: None,
        offset: 0,
        limit,
        count: Count::None,
    }
}

/// The merge patch from before to after; null for a delete, whose target is gone.
fn patch_of(node: &Node, pending: &Pending) -> Json {
    let visible = |row: &Row| codec::object_to_json(node.descriptor.fields, row, Audience::Client);
    let before = pending.before.as_ref().map_or_else(|| Json::Object(Map::new()), |record| visible(&record.row));
    match &pending.after {
        After::Put(record) => json::merge_patch(&before, &visible(&record.row)),
        After::Delete | After::DeleteTree | After::Nothing => Json::Null,
    }
}

fn check_immutable(node: &Node, before: &Row, after: &Row) -> Result<()> {
    let fields = node.descriptor.fields.iter().enumerate().filter(|(_, field)| field.immutable);
    let faults: Vec<Fault> = fields
        .filter(|(index, _)| before.0[*index] != after.0[*index])
        .map(|(_, field)| {
            let detail = "cannot be changed; it is fixed once the resource is created";
            Fault::pointer(Reason::InvalidValue, format!("/{}", field.name), detail)
        })
        .collect();
    if faults.is_empty() { Ok(()) } else { Err(Error::from_faults(faults)) }
}

/// Author code can leave any value of a field's type; the declaration holds for it, too.
fn check_author_values(node: &Node, row: &Row) -> Result<()> {
    let mut faults = Vec::new();
    for (field, value) in node.descriptor.fields.iter().zip(&row.0) {
        for detail in validate::constraints(field, value) {
            faults.push(Fault::pointer(Reason::InvalidValue, format!("/{}", field.name), detail));
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(Error::from_faults(faults)) }
}

/// A plan as author code sees it.
pub(super) struct Handle(pub(super) Arc<Plan>);

impl Handle {
    fn node(&self, descriptor: &'static Descriptor) -> Result<&Node> {
        self.0.api.tree.find(descriptor).ok_or_else(|| {
            Error::internal(format!("`{0}` is not registered; add `.resource::<{0}>()`", descriptor.name))
        })
    }
}

impl Session for Handle {
    fn read<'a>(&'a self, descriptor: &'static Descriptor, path: &'a Path) -> BoxFuture<'a, Result<Option<Row>>> {
        Box::pin(async move {
            let record = self.0.current(self.node(descriptor)?, path).await?;
            Ok(record.map(|record| record.row.clone()))
        })
    }

    fn put<'a>(&'a self, descriptor: &'static Descriptor, path: &'a Path, row: Row) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let node = self.node(descriptor)?;
            let fits = match (node.id_kind(), path.id()) {
                (Some(IdKind::Uuid), Some(Id::Uuid(_))) | (Some(IdKind::Integer), Some(Id::Integer(_))) | (None, _) => true,
                (Some(IdKind::Slug), Some(Id::Slug(id))) => super::route::is_slug(id),
                _ => false,
            };
            if !fits {
                return Err(Error::internal(format!("a key of `{}` does not fit its id kind: {path:?}", node.address)));
            }
            self.0.put(node, path, row, false).await
        })
    }

    fn delete<'a>(&'a self, descriptor: &'static Descriptor, path: &'a Path) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move { self.0.delete(self.node(descriptor)?, path, false).await.map(|_| ()) })
    }

    fn after_commit(&self, action: BoxFuture<'static, ()>) {
        self.0.lock().after_commit.push(action);
    }

    fn state(&self, ty: TypeId) -> Option<Arc<dyn Any + Send + Sync>> {
        self.0.api.states.get(&ty).cloned()
    }

    fn caller(&self) -> &Caller {
        &self.0.caller
    }

    fn request_id(&self) -> &str {
        &self.0.request_id
    }

    fn now(&self) -> Timestamp {
        self.0.now
    }

    fn new_uuid(&self) -> uuid::Uuid {
        self.0.api.source.uuid_v7()
    }
}

impl Api {
    /// A singleton without a row: its defaults, with the times and the identity of its owner.
    pub(super) fn default_singleton(&self, node: &Node, path: &Path, owner: Option<&Record>) -> Record {
        let row = node.descriptor.fields.iter().map(|field| field.default_value().unwrap_or(Value::Null)).collect();
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
            row: Row(row),
        }
    }

    /// Whether a node has a standard method.
    pub(super) fn has(&self, node: NodeId, method: Method) -> bool {
        self.tree.node(node).descriptor.methods.has(method)
    }
}
