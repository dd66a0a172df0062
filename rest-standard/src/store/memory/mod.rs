//! The store in memory: the model that the other stores are compared with, and the store of throw-away services.
//!
//! Everything is in ordered maps behind one lock, and a commit holds it from the first check to the last write. It is
//! written to be read: each rule of [`Store`] is one plain statement here. Nothing outlives the process.

mod compare;
mod condition;
mod scan;
#[cfg(test)]
mod tests;
mod transaction;

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
    sync::{Arc, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use jiff::Timestamp;

use self::{compare::Key, transaction::Transaction};
use super::{
    Capabilities, Conflict, Excerpt, Extent, Feed, Page, Pieces, Record, RequestRecord, Scan, Store,
    WriteBatch,
};
use crate::{
    descriptor::{BoxFuture, FieldDescriptor},
    error::{Error, Result},
    tree::{NodeId, Tree},
    value::{Id, Path, Value},
};

/// A store that forgets everything when the process ends.
pub struct MemoryStore {
    state: RwLock<State>,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self { state: RwLock::new(State::default()) }
    }

    fn look(&self) -> Result<RwLockReadGuard<'_, State>> {
        self.state.read().map_err(|_| poisoned())
    }

    fn change(&self) -> Result<RwLockWriteGuard<'_, State>> {
        self.state.write().map_err(|_| poisoned())
    }
}

/// A panic may have left half of a batch behind, which must not be read as if it were committed.
fn poisoned() -> Error {
    Error::internal("a panic in the memory store left its state unknown")
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemoryStore").finish_non_exhaustive()
    }
}

#[derive(Default)]
struct State {
    start: Option<Start>,
    /// One for each node of the tree.
    tables: Vec<Table>,
    /// By caller and id.
    requests: BTreeMap<(String, String), RequestRecord>,
}

/// What the first start decides.
struct Start {
    tree: Arc<Tree>,
    at: Timestamp,
    secret: [u8; 32],
}

/// What one node keeps.
#[derive(Default)]
struct Table {
    rows: BTreeMap<Path, Arc<Record>>,
    /// The unique fields' values, each with the path of its row; null is in none.
    unique: BTreeMap<usize, BTreeSet<(Key, Path)>>,
    /// The entries of a change log by owner, incarnation and id.
    log: BTreeMap<(Path, i64, i64), Arc<Record>>,
    /// How many integer ids were given away.
    reserved: i64,
}

impl State {
    fn start(&self) -> Result<&Start> {
        self.start.as_ref().ok_or_else(|| Error::internal("the store was used before `migrate`"))
    }

    fn table(&self, node: NodeId) -> Result<&Table> {
        self.start()?;
        self.tables.get(node.0).ok_or_else(|| Error::internal(format!("no table for {node:?}")))
    }

    fn migrate(&mut self, tree: Arc<Tree>, now: Timestamp) -> Result<()> {
        if let Some(start) = &mut self.start {
            if !is_same(&start.tree, &tree) {
                return Err(Error::internal(
                    "a memory store keeps the resources that it was first started with",
                ));
            }
            start.tree = tree;
            return Ok(());
        }
        let mut secret = [0; 32];
        getrandom::fill(&mut secret)?;
        self.tables = tree.nodes().iter().map(|node| Table::new(node.descriptor.fields)).collect();
        self.start = Some(Start { tree, at: now, secret });
        Ok(())
    }

    fn scan(&self, scan: &Scan, extent: &Extent) -> Result<Page> {
        let table = self.table(scan.node)?;
        let fields = self.start()?.tree.node(scan.node).descriptor.fields;
        Ok(scan::scan(table, fields, scan, extent))
    }

    fn scan_all(&self, scan: &Scan) -> Result<Vec<Arc<Record>>> {
        let table = self.table(scan.node)?;
        let fields = self.start()?.tree.node(scan.node).descriptor.fields;
        Ok(scan::all(table, fields, scan))
    }

    fn commit(&mut self, batch: WriteBatch) -> Result<(), Conflict> {
        let mut transaction = Transaction::begin(self)?;
        match transaction.apply(&batch) {
            Ok(()) => {
                if let Some(request) = batch.request {
                    self.requests.insert((request.caller.clone(), request.id.clone()), request);
                }
                Ok(())
            }
            Err(conflict) => {
                transaction.undo();
                Err(conflict)
            }
        }
    }

    fn check(&mut self, batch: &WriteBatch) -> Result<(), Conflict> {
        let mut transaction = Transaction::begin(self)?;
        let outcome = transaction.apply(batch);
        transaction.undo();
        outcome
    }

    fn find_request(&self, caller: &str, id: &str) -> Option<&RequestRecord> {
        self.requests.get(&(caller.to_owned(), id.to_owned()))
    }

    fn reserve_ids(&mut self, node: NodeId, count: i64) -> Result<i64> {
        self.table(node)?;
        let reserved = &mut self.tables[node.0].reserved;
        let last =
            reserved.checked_add(count).ok_or_else(|| Error::internal("the integer ids are used up"))?;
        let first = *reserved + 1;
        *reserved = last;
        Ok(first)
    }
}

/// Whether two trees have the same tables with the same columns.
fn is_same(a: &Tree, b: &Tree) -> bool {
    let tables = |tree: &Tree| -> Vec<(String, Vec<&str>)> {
        let columns = |fields: &'static [FieldDescriptor]| fields.iter().map(|field| field.column).collect();
        tree.nodes().iter().map(|node| (node.table.clone(), columns(node.descriptor.fields))).collect()
    };
    tables(a) == tables(b)
}

impl Table {
    fn new(fields: &[FieldDescriptor]) -> Self {
        let unique = fields.iter().enumerate().filter(|(_, field)| field.unique);
        Self { unique: unique.map(|(index, _)| (index, BTreeSet::new())).collect(), ..Self::default() }
    }

    /// Puts a row, or takes it away; gives what was there.
    fn set(&mut self, path: &Path, record: Option<Arc<Record>>) -> Option<Arc<Record>> {
        for (index, values) in &mut self.unique {
            let entry = |record: &Arc<Record>| match record.row.0.get(*index) {
                None | Some(Value::Null) => None,
                Some(value) => Some((Key(value.clone()), path.clone())),
            };
            if let Some(entry) = self.rows.get(path).and_then(entry) {
                values.remove(&entry);
            }
            values.extend(record.as_ref().and_then(entry));
        }
        match record {
            Some(record) => self.rows.insert(path.clone(), record),
            None => self.rows.remove(path),
        }
    }

    /// The rows whose path starts with `prefix`, in the order of their ids.
    fn below<'a>(&'a self, prefix: &'a Path) -> impl Iterator<Item = (&'a Path, &'a Arc<Record>)> {
        self.rows.range(prefix.clone()..).take_while(|(path, _)| path.0.starts_with(&prefix.0))
    }

    /// The changes of one incarnation, in the order of their ids.
    fn changes(&self, owner: &Path, incarnation: i64) -> impl DoubleEndedIterator<Item = &Arc<Record>> {
        let key = |id| (owner.clone(), incarnation, id);
        self.log.range(key(i64::MIN)..=key(i64::MAX)).map(|(_, change)| change)
    }

    /// The paths of the rows that have `value` in the unique field `index`.
    fn holders<'a>(&'a self, index: usize, value: &Value) -> impl Iterator<Item = &'a Path> {
        let key = Key(value.clone());
        let from = (key.clone(), Path::default());
        let values = self.unique.get(&index).into_iter();
        values
            .flat_map(move |values| values.range(from.clone()..))
            .take_while(move |(other, _)| *other == key)
            .map(|(_, path)| path)
    }
}

impl Store for MemoryStore {
    fn capabilities(&self) -> Capabilities {
        Capabilities::ALL
    }

    fn migrate(&self, tree: Arc<Tree>, now: Timestamp) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move { self.change()?.migrate(tree, now) })
    }

    fn read<'a>(&'a self, node: NodeId, path: &'a Path) -> BoxFuture<'a, Result<Option<Arc<Record>>>> {
        Box::pin(async move { Ok(self.look()?.table(node)?.rows.get(path).cloned()) })
    }

    fn read_all<'a>(
        &'a self,
        node: NodeId,
        paths: &'a [Path],
    ) -> BoxFuture<'a, Result<Vec<Option<Arc<Record>>>>> {
        Box::pin(async move {
            let state = self.look()?;
            let rows = &state.table(node)?.rows;
            Ok(paths.iter().map(|path| rows.get(path).cloned()).collect())
        })
    }

    fn read_change<'a>(
        &'a self,
        log: NodeId,
        path: &'a Path,
        incarnation: i64,
    ) -> BoxFuture<'a, Result<Option<Arc<Record>>>> {
        Box::pin(async move {
            let Some(Id::Integer(id)) = path.id() else { return Ok(None) };
            let key = (path.ancestor(path.0.len() - 1), incarnation, *id);
            Ok(self.look()?.table(log)?.log.get(&key).cloned())
        })
    }

    fn scan<'a>(&'a self, scan: &'a Scan) -> BoxFuture<'a, Result<Page>> {
        Box::pin(async move { self.look()?.scan(scan, &Extent::Whole) })
    }

    fn scan_excerpts<'a>(
        &'a self,
        scan: &'a Scan,
        extent: &'a Extent,
    ) -> BoxFuture<'a, Result<Page<Excerpt>>> {
        Box::pin(async move { Ok(self.look()?.scan(scan, extent)?.excerpts(extent)) })
    }

    fn export<'a>(&'a self, scan: &'a Scan, extent: &'a Extent) -> BoxFuture<'a, Result<Pieces>> {
        Box::pin(async move {
            let records = self.look()?.scan_all(scan)?;
            let (mut feed, pieces) = Feed::new();
            let extent = extent.clone();
            let hand_over = move || {
                for record in records {
                    let size = extent.size(&record);
                    if feed.push(Excerpt::new(record, extent.clone()), size).is_err() {
                        return;
                    }
                }
                feed.end(Ok(()));
            };
            std::thread::Builder::new().name("memory-export".to_owned()).spawn(hand_over)?;
            Ok(pieces)
        })
    }

    fn find_unique<'a>(
        &'a self,
        node: NodeId,
        field: usize,
        value: &'a Value,
    ) -> BoxFuture<'a, Result<Option<Path>>> {
        Box::pin(async move { Ok(self.look()?.table(node)?.holders(field, value).next().cloned()) })
    }

    fn expired(&self, node: NodeId, now: Timestamp, limit: u64) -> BoxFuture<'_, Result<Vec<(Path, i64)>>> {
        Box::pin(async move {
            let state = self.look()?;
            let is_over = |record: &&Arc<Record>| {
                record.deletion.as_ref().is_some_and(|deletion| deletion.purge_at <= now)
            };
            let over = state.table(node)?.rows.values().filter(is_over);
            let limit = usize::try_from(limit).unwrap_or(usize::MAX);
            Ok(over.take(limit).map(|record| (record.path.clone(), record.revision)).collect())
        })
    }

    fn aged_changes(
        &self,
        log: NodeId,
        before: Timestamp,
        limit: u64,
    ) -> BoxFuture<'_, Result<Vec<(Path, i64)>>> {
        Box::pin(async move {
            let state = self.look()?;
            let entries = state.table(log)?.log.values();
            let mut aged: Vec<_> = entries.filter(|entry| entry.created_at < before).collect();
            aged.sort_by_key(|entry| entry.created_at);
            aged.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
            Ok(aged.into_iter().map(|entry| (entry.path.clone(), entry.incarnation)).collect())
        })
    }

    fn find_request<'a>(
        &'a self,
        caller: &'a str,
        id: &'a str,
    ) -> BoxFuture<'a, Result<Option<RequestRecord>>> {
        Box::pin(async move { Ok(self.look()?.find_request(caller, id).cloned()) })
    }

    fn commit(&self, batch: WriteBatch) -> BoxFuture<'_, Result<(), Conflict>> {
        Box::pin(async move { self.change()?.commit(batch) })
    }

    fn check(&self, batch: WriteBatch) -> BoxFuture<'_, Result<(), Conflict>> {
        Box::pin(async move { self.change()?.check(&batch) })
    }

    fn reserve_ids(&self, node: NodeId, count: i64) -> BoxFuture<'_, Result<i64>> {
        Box::pin(async move { self.change()?.reserve_ids(node, count) })
    }

    fn secret(&self) -> BoxFuture<'_, Result<[u8; 32]>> {
        Box::pin(async move { Ok(self.look()?.start()?.secret) })
    }

    fn created_at(&self) -> BoxFuture<'_, Result<Timestamp>> {
        Box::pin(async move { Ok(self.look()?.start()?.at) })
    }

    fn requests<'a>(
        &'a self,
        after: Option<(&'a str, &'a str)>,
        limit: u64,
    ) -> BoxFuture<'a, Result<Vec<RequestRecord>>> {
        Box::pin(async move {
            let from = match after {
                Some((caller, id)) => Bound::Excluded((caller.to_owned(), id.to_owned())),
                None => Bound::Unbounded,
            };
            let state = self.look()?;
            let found = state.requests.range((from, Bound::Unbounded)).map(|(_, request)| request.clone());
            Ok(found.take(usize::try_from(limit).unwrap_or(usize::MAX)).collect())
        })
    }

    fn forget_requests(&self, before: Timestamp, limit: u64) -> BoxFuture<'_, Result<u64>> {
        Box::pin(async move {
            let mut state = self.change()?;
            let aged = state.requests.iter().filter(|(_, request)| request.at < before);
            let mut aged: Vec<_> = aged.map(|(key, request)| (request.at, key.clone())).collect();
            aged.sort_unstable();
            aged.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
            for (_, key) in &aged {
                state.requests.remove(key);
            }
            Ok(aged.len() as u64)
        })
    }

    fn ready(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move { self.look()?.start().map(|_| ()) })
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }
}
