//! A batch as the statements that decide it, in the order in which they are sent.
//!
//! First the record of the request id, which keeps a second request with the id waiting; then the locks of what is expected to
//! be as it is, in one order for all batches, so that no two wait for each other; then the writes; then what must hold after
//! them. At *read committed* each statement sees what was committed before it, and nothing that was demanded can change any
//! more: a row that was locked is the row that was looked at, and a row that must not be there is kept out by its unique key,
//! by the lock of its owner, or by that of its table.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use super::value::Param;
use crate::{
    error::Error,
    search::words_of,
    store::{
        Change, Expect, Record, RequestRecord, Write, WriteBatch,
        sql::{
            appends::Appends,
            existing::Which,
            guarded::{Demand, Lock, Number, Update},
            postgres::{INSERT_REQUEST, NEVER},
            schema::Kind,
            statements::{Layout, Table},
        },
    },
    tree::NodeId,
    value::{Id, Path},
};

/// One statement of a commit.
#[derive(Debug)]
pub(super) struct Step<'a> {
    pub(super) sql: Cow<'a, str>,
    pub(super) params: Vec<Param<'a>>,
    pub(super) what: What<'a>,
}

/// What a step does, which says what its failure means.
#[derive(Clone, Copy, Debug)]
pub(super) enum What<'a> {
    /// Records the request id.
    Request,
    /// Locks, and demands something.
    Lock,
    /// Adds a row.
    Insert(NodeId, &'a Path),
    /// Changes a row.
    Update(NodeId, &'a Path),
    /// Demands that a row of an existing table holds what was written.
    Kept(NodeId, &'a Path),
    /// Demands that nothing is below a row that goes.
    Children,
    /// Removes rows.
    Delete,
    /// Adds a change.
    Append,
    /// Demands something of what is left.
    After,
}

/// A row that is locked before the writes.
#[derive(Debug)]
struct Locked<'a> {
    lock: Lock,
    demand: Demand,
    revisions: Vec<i64>,
    path: &'a Path,
}

/// The rows of existing tables whose revisions a batch expects, as they were read; `None` where one has another revision. What is
/// in such a row is its revision, so that the row as it was read is what its lock demands.
pub(super) type Held = HashMap<(NodeId, Path), Option<Arc<Record>>>;

/// The statements of a batch.
///
/// # Errors
///
/// When the batch does not fit the tree.
pub(super) fn steps<'a>(
    layout: &'a Layout,
    batch: &'a WriteBatch,
    held: &'a Held,
) -> Result<Vec<Step<'a>>, Error> {
    let mut this = Steps {
        layout,
        batch,
        held,
        writers: Writers::of(batch),
        appends: Appends::new(batch),
        counted: HashMap::new(),
        steps: Vec::with_capacity(batch.expect.len() + batch.writes.len() + 1),
    };
    if let Some(request) = &batch.request {
        this.request(request);
    }
    let folded = this.locks()?;
    for (at, write) in batch.writes.iter().enumerate() {
        match write {
            Write::Insert(node, record) => this.insert(at, *node, record)?,
            Write::Update(node, record) => this.update(at, *node, record, folded.as_ref())?,
            Write::Delete(node, path) => this.delete(*node, path)?,
            Write::DeleteTree(node, path) => this.delete_tree(*node, path)?,
            Write::Append(change) => this.append(change)?,
            Write::Forget(log, path, incarnation) => this.forget(*log, path, *incarnation)?,
        }
    }
    this.after()?;
    Ok(this.steps)
}

/// A row whose update locks it and demands what is demanded of it, so that no statement before it has to.
struct Folded<'a> {
    node: NodeId,
    path: &'a Path,
    revision: Option<i64>,
}

struct Steps<'a> {
    layout: &'a Layout,
    batch: &'a WriteBatch,
    held: &'a Held,
    writers: Writers<'a>,
    appends: Appends<'a>,
    /// How many changes of a row were added that its own statement counted.
    counted: HashMap<(NodeId, &'a Path), i64>,
    steps: Vec<Step<'a>>,
}

/// Which writes of a batch are of which row; a seed may have very many.
struct Writers<'a> {
    inserted: HashSet<(NodeId, &'a Path)>,
    last: HashMap<(NodeId, &'a Path), (usize, &'a Record)>,
}

impl<'a> Writers<'a> {
    fn of(batch: &'a WriteBatch) -> Self {
        let mut this = Self { inserted: HashSet::new(), last: HashMap::new() };
        for (at, write) in batch.writes.iter().enumerate() {
            let (Write::Insert(node, record) | Write::Update(node, record)) = write else { continue };
            if matches!(write, Write::Insert(..)) {
                this.inserted.insert((*node, &record.path));
            }
            this.last.insert((*node, &record.path), (at, record));
        }
        this
    }
}

impl<'a> Steps<'a> {
    fn table(&self, node: NodeId) -> Result<&'a Table, Error> {
        self.layout.table(node)
    }

    fn push(&mut self, what: What<'a>, sql: impl Into<Cow<'a, str>>, params: Vec<Param<'a>>) {
        self.steps.push(Step { sql: sql.into(), params, what });
    }

    fn request(&mut self, request: &'a RequestRecord) {
        let params = vec![
            Param::Text(&request.caller),
            Param::Text(&request.id),
            Param::Bytes(&request.fingerprint),
            Param::Timestamp(request.at),
            Param::Integer(i64::from(request.status)),
            Param::optional(request.location.as_deref()),
            Param::optional(request.etag.as_deref()),
            Param::Text(&request.data),
        ];
        self.push(What::Request, INSERT_REQUEST, params);
    }

    /// Locks what the batch expects and writes, in the order of nodes and paths.
    fn locks(&mut self) -> Result<Option<Folded<'a>>, Error> {
        let mut rows = BTreeMap::new();
        let mut whole = Vec::new();
        let mut absent = Vec::new();
        for expect in &self.batch.expect {
            match expect {
                Expect::Revision(node, path, revision) => {
                    let row = self.row(&mut rows, *node, path, Lock::Share)?;
                    let Some(row) = row else { return self.never() };
                    if !row.revisions.contains(revision) {
                        row.revisions.push(*revision);
                    }
                    row.demand.revision = true;
                }
                Expect::Exists(node, path) | Expect::Live(node, path) => {
                    let row = self.row(&mut rows, *node, path, Lock::KeyShare)?;
                    let Some(row) = row else { return self.never() };
                    row.demand.exists = true;
                    row.demand.live |= matches!(expect, Expect::Live(..));
                }
                Expect::Absent(node, path) => absent.push((*node, path)),
                Expect::Empty(node, path) => {
                    // Nothing is added below a row that is locked like this.
                    if let Some(owner) = self.table(*node)?.owner
                        && self.table(owner)?.keys.len() == path.0.len()
                    {
                        self.row(&mut rows, owner, path, Lock::Update)?;
                    }
                }
                Expect::Unreferenced(..) => {}
            }
        }
        let mut updates = 0;
        for write in &self.batch.writes {
            match write {
                Write::Update(node, record) => {
                    updates += 1;
                    let lock = if record.deletion.is_some() { Lock::Update } else { Lock::NoKeyUpdate };
                    self.row(&mut rows, *node, &record.path, lock)?;
                }
                Write::Delete(node, path) | Write::DeleteTree(node, path) => {
                    self.row(&mut rows, *node, path, Lock::Update)?;
                }
                Write::Insert(..) | Write::Append(_) | Write::Forget(..) => {}
            }
        }
        for (node, path) in &absent {
            let table = self.table(*node)?;
            if table.keys.len() != path.0.len() || self.inserts(*node, path) {
                continue;
            }
            let owner = table.owner.map(|owner| (owner, self.layout.tree.node(owner).depth));
            let guarded = owner.and_then(|(owner, depth)| {
                let above = &path.0[..depth.min(path.0.len())];
                rows.iter_mut()
                    .find(|((node, path), _)| *node == owner.0 && path.0 == above)
                    .map(|(_, row)| row)
                    .filter(|row: &&mut Locked<'_>| row.demand.exists || row.demand.revision)
            });
            match guarded {
                Some(owner) => owner.lock = Lock::Update,
                None if whole.contains(node) => {}
                None => whole.push(*node),
            }
        }
        // Tables come first, in one order as well: whoever has one waits for rows only.
        whole.sort_unstable_by_key(|node| node.0);
        for node in whole {
            let sql = self.table(node)?.lock_whole();
            self.push(What::Lock, sql, Vec::new());
        }
        let folded = self.fold(&rows, updates);
        for ((node, _), row) in rows {
            if folded.as_ref().is_some_and(|folded| folded.node.0 == node && folded.path == row.path) {
                continue;
            }
            self.lock(NodeId(node), &row)?;
        }
        for (node, path) in absent {
            let table = self.table(node)?;
            // The insert of a row that must not be there meets its key.
            if table.keys.len() == path.0.len() && !self.inserts(node, path) {
                self.push(What::Lock, table.demand_absent(), Param::key(path).collect());
            }
        }
        Ok(folded)
    }

    /// A row of another length than the keys of its table is never there.
    fn never(&mut self) -> Result<Option<Folded<'a>>, Error> {
        self.push(What::Lock, NEVER, Vec::new());
        Ok(None)
    }

    fn row<'m>(
        &self,
        rows: &'m mut BTreeMap<(usize, &'a Path), Locked<'a>>,
        node: NodeId,
        path: &'a Path,
        lock: Lock,
    ) -> Result<Option<&'m mut Locked<'a>>, Error> {
        if self.table(node)?.keys.len() != path.0.len() {
            return Ok(None);
        }
        let row = rows.entry((node.0, path)).or_insert_with(|| Locked {
            lock,
            demand: Demand::default(),
            revisions: Vec::new(),
            path,
        });
        row.lock = row.lock.max(lock);
        Ok(Some(row))
    }

    fn inserts(&self, node: NodeId, path: &'a Path) -> bool {
        self.writers.inserted.contains(&(node, path))
    }

    /// The last row in the order of locks, where its update alone is enough.
    fn fold(&self, rows: &BTreeMap<(usize, &'a Path), Locked<'a>>, updates: usize) -> Option<Folded<'a>> {
        let ((node, _), row) = rows.last_key_value()?;
        if self.table(NodeId(*node)).ok()?.existing.is_some() {
            return None;
        }
        let first = self.batch.writes.first();
        let is_first = matches!(first, Some(Write::Update(updated, record)) if updated.0 == *node && record.path == *row.path);
        let is_plain = row.lock == Lock::NoKeyUpdate && !row.demand.live && row.revisions.len() <= 1;
        (is_first && is_plain && updates == 1).then(|| Folded {
            node: NodeId(*node),
            path: row.path,
            revision: row.revisions.first().copied(),
        })
    }

    fn lock(&mut self, node: NodeId, row: &Locked<'a>) -> Result<(), Error> {
        let table = self.table(node)?;
        if table.existing.is_some() && row.demand.revision {
            let held = self.held.get(&(node, row.path.clone())).and_then(Option::as_deref);
            let is_expected =
                |record: &&Record| row.revisions.iter().all(|revision| *revision == record.revision);
            let Some(record) = held.filter(is_expected) else {
                self.push(What::Lock, NEVER, Vec::new());
                return Ok(());
            };
            let mut params: Vec<Param<'a>> = Param::key(row.path).collect();
            params.extend(table.held(record, Which::All).map(|(kind, value)| Param::field(kind, value)));
            self.push(What::Lock, table.lock_held(row.lock, record), params);
            return Ok(());
        }
        let mut revisions = row.revisions.iter();
        let first = revisions.next();
        let mut params: Vec<Param<'a>> = Param::key(row.path).collect();
        params.extend(first.map(|revision| Param::Integer(*revision)));
        self.push(What::Lock, table.lock(row.lock, row.demand), params);
        for revision in revisions {
            let mut params: Vec<Param<'a>> = Param::key(row.path).collect();
            params.push(Param::Integer(*revision));
            let demand = Demand { revision: true, ..Demand::default() };
            self.push(What::Lock, table.lock(row.lock, demand), params);
        }
        Ok(())
    }

    fn insert(&mut self, at: usize, node: NodeId, record: &'a Record) -> Result<(), Error> {
        let table = self.shaped(node, record)?;
        if table.existing.is_some() {
            let ids = record.path.0[table.stored_from..].iter().map(Param::id);
            let params = ids.chain(table.inserted(record).into_iter().map(Param::cell)).collect();
            self.push(What::Insert(node, &record.path), &*table.insert, params);
            self.kept(node, table, record);
            return Ok(());
        }
        let count = self.counted_by(at, node, record);
        let mut params: Vec<Param<'a>> = Param::key(&record.path).collect();
        params.push(Param::Timestamp(record.created_at));
        params.push(Param::optional(record.created_by.as_deref()));
        params.push(Param::Timestamp(record.updated_at));
        params.push(Param::optional(record.updated_by.as_deref()));
        params.push(Param::Integer(record.revision));
        params.push(Param::Integer(record.incarnation));
        params.push(Param::Integer(record.change_count + count));
        push_values(&mut params, table, record);
        self.push(What::Insert(node, &record.path), &*table.insert, params);
        Ok(())
    }

    fn update(
        &mut self,
        at: usize,
        node: NodeId,
        record: &'a Record,
        folded: Option<&Folded<'a>>,
    ) -> Result<(), Error> {
        let table = self.shaped(node, record)?;
        if let Some(existing) = table.existing {
            let values = table.updated(record).into_iter().map(Param::cell);
            let params = values.chain(Param::key(&record.path)).collect();
            self.push(What::Update(node, &record.path), table.update_existing(existing, record), params);
            self.kept(node, table, record);
            return Ok(());
        }
        let folded = folded.filter(|folded| folded.node == node && *folded.path == record.path);
        let revision = folded.and_then(|folded| folded.revision);
        let count = self.counted_by(at, node, record);
        let update = Update { counts: count > 0, demands: true, at_revision: revision.is_some() };
        let mut params = vec![
            Param::Timestamp(record.updated_at),
            Param::optional(record.updated_by.as_deref()),
            Param::Integer(record.revision),
        ];
        if update.counts {
            params.extend([Param::Integer(record.incarnation), Param::Integer(count)]);
        }
        push_values(&mut params, table, record);
        params.extend(Param::key(&record.path));
        params.extend(revision.map(Param::Integer));
        self.push(What::Update(node, &record.path), table.update_guarded(update), params);
        Ok(())
    }

    fn kept(&mut self, node: NodeId, table: &'a Table, record: &'a Record) {
        let mut params: Vec<Param<'a>> = Param::key(&record.path).collect();
        let held = table.held(record, Which::Written);
        params.extend(held.map(|(kind, value)| Param::field(kind, value)));
        self.push(What::Kept(node, &record.path), table.demand_kept(record), params);
    }

    fn shaped(&self, node: NodeId, record: &Record) -> Result<&'a Table, Error> {
        let table = self.table(node)?;
        let fits = record.path.0.len() == table.keys.len() && record.row.0.len() == table.fields.len();
        if table.is_log || !fits {
            return Err(Error::internal(format!("a record does not fit the table `{}`", table.name)));
        }
        Ok(table)
    }

    fn delete(&mut self, node: NodeId, path: &'a Path) -> Result<(), Error> {
        let table = self.table(node)?;
        // What belongs to a row of a collection goes with it or keeps it, by foreign keys. Those of what is below a singleton
        // lead past it, and an existing table may have none.
        let is_asked = self.layout.tree.node(node).descriptor.is_singleton() || table.existing.is_some();
        for child in &table.children {
            if is_asked || self.table(*child)?.existing.is_some() {
                let sql = self.table(*child)?.demand_none_below(path.0.len(), false);
                self.push(What::Children, sql, Param::key(path).collect());
            }
        }
        if is_asked {
            for singleton in &table.singletons {
                let sql = &*self.table(*singleton)?.delete;
                self.push(What::Delete, sql, Param::key(path).collect());
            }
        }
        self.push(What::Delete, &*table.delete, Param::key(path).collect());
        Ok(())
    }

    fn delete_tree(&mut self, node: NodeId, path: &'a Path) -> Result<(), Error> {
        for below in self.layout.tree.descendants(node).into_iter().rev() {
            let table = self.table(below)?;
            if !table.is_log {
                let sql = table.delete_below(path.0.len());
                self.push(What::Delete, sql, Param::key(path).collect());
            }
        }
        self.push(What::Delete, &*self.table(node)?.delete, Param::key(path).collect());
        Ok(())
    }

    fn append(&mut self, change: &'a Change) -> Result<(), Error> {
        let owner = self.table(change.owner)?;
        let Some(log) = owner.log else {
            return Err(Error::internal(format!("`{}` keeps no change log", owner.name)));
        };
        let log = self.table(log)?;
        let counted = self.counted_after(change);
        let mut params: Vec<Param<'a>> = Param::key(&change.path).collect();
        if let Some(Counted { id: Some(id), .. }) = counted {
            params.push(Param::Integer(id));
        }
        params.push(Param::Integer(change.incarnation));
        params.push(Param::Timestamp(change.at));
        params.push(Param::optional(change.by.as_deref()));
        params.push(Param::Text(&change.request_id));
        params.push(Param::Text(&change.method));
        params.push(Param::Json(&change.patch, Kind::Document));
        let sql: Cow<'a, str> = match counted {
            Some(Counted { id: Some(_), .. }) => Cow::Borrowed(&log.insert),
            Some(Counted { after, .. }) => {
                params.push(Param::Integer(after));
                log.append(owner, Number::Counted).into()
            }
            None => log.append(owner, Number::Next).into(),
        };
        self.push(What::Append, sql, params);
        Ok(())
    }

    fn forget(&mut self, log: NodeId, path: &'a Path, incarnation: i64) -> Result<(), Error> {
        let log = self.table(log)?;
        let Some((Id::Integer(id), owner)) = path.0.split_last() else { return Ok(()) };
        if path.0.len() == log.keys.len() {
            let mut params: Vec<Param<'a>> = owner.iter().map(Param::id).collect();
            params.extend([Param::Integer(incarnation), Param::Integer(*id)]);
            self.push(What::Delete, &*log.delete, params);
        }
        Ok(())
    }

    /// How many of the changes at the end the write at `at` counts: all of its row, where no write of the row comes later.
    fn counted_by(&self, at: usize, node: NodeId, record: &Record) -> i64 {
        match self.writers.last.get(&(node, &record.path)) {
            Some((writer, _)) if *writer == at => {
                self.appends.after(at, node, &record.path, record.incarnation)
            }
            _ => 0,
        }
    }

    /// How the statement that wrote the change's owner counted it; `None` where none did.
    fn counted_after(&mut self, change: &'a Change) -> Option<Counted> {
        let key = (change.owner, &change.path);
        let (writer, record) = *self.writers.last.get(&key)?;
        let all = self.appends.after(writer, change.owner, &change.path, record.incarnation);
        if all == 0 || record.incarnation != change.incarnation {
            return None;
        }
        let counted = self.counted.entry(key).or_default();
        *counted += 1;
        // How many a row that is new begins with is known.
        let id =
            matches!(self.batch.writes[writer], Write::Insert(..)).then_some(record.change_count + *counted);
        Some(Counted { id, after: all - *counted })
    }

    fn after(&mut self) -> Result<(), Error> {
        for expect in &self.batch.expect {
            match expect {
                Expect::Empty(node, path) => {
                    let sql = self.table(*node)?.demand_none_below(path.0.len(), true);
                    self.push(What::After, sql, Param::key(path).collect());
                }
                Expect::Unreferenced(node, field, value) => {
                    let table = self.table(*node)?;
                    let Some(declared) = table.fields.get(*field) else {
                        return Err(Error::internal(format!("`{}` has no field {field}", table.name)));
                    };
                    let sql = table.demand_unreferenced(*field);
                    self.push(What::After, sql, vec![Param::field(declared.kind, value)]);
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// A change that the statement of its owner counted.
struct Counted {
    /// Its id, where that is known before.
    id: Option<i64>,
    /// How many were counted after it.
    after: i64,
}

/// The values of a row: when it was deleted, its fields, its words.
fn push_values<'a>(params: &mut Vec<Param<'a>>, table: &Table, record: &'a Record) {
    if table.is_soft {
        match &record.deletion {
            Some(deletion) => params.extend([
                Param::Timestamp(deletion.at),
                Param::optional(deletion.by.as_deref()),
                Param::Timestamp(deletion.purge_at),
            ]),
            None => params.extend([Param::Null, Param::Null, Param::Null]),
        }
    }
    params
        .extend(table.fields.iter().zip(&record.row.0).map(|(field, value)| Param::field(field.kind, value)));
    if table.has_lexemes() {
        params.push(Param::Texts(words_of(table.fields, &record.row).into_iter().collect()));
    }
}
