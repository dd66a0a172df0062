//! What a batch locks before it writes, so that nothing that it expects can change until its commit.

use std::collections::BTreeMap;

use super::{Steps, What};
use crate::{
    error::Error,
    store::{
        Expect, Record, Write,
        postgres::value::Param,
        sql::{
            existing::Which,
            guarded::{Demand, Lock},
            postgres::NEVER,
        },
    },
    tree::NodeId,
    value::Path,
};

/// A row that is locked before the writes.
#[derive(Debug)]
struct Locked<'a> {
    lock: Lock,
    demand: Demand,
    revisions: Vec<i64>,
    path: &'a Path,
    /// Whether it keeps out another row, whose absence is demanded once this one is locked.
    keeps_out: bool,
}

/// A row that a batch adds, and that another one belongs to.
#[derive(Clone, Copy, Debug)]
struct NewOwner {
    /// Whether the database itself keeps out what belongs to no row.
    has_foreign_keys: bool,
}

/// A row that must not be there.
#[derive(Debug)]
struct Absent<'a> {
    node: NodeId,
    path: &'a Path,
    new_owner: Option<NewOwner>,
}

/// The rows in the order in which they are locked.
type Rows<'a> = BTreeMap<(usize, &'a Path), Locked<'a>>;

/// A row whose update locks it and demands what is demanded of it, so that no statement before it has to.
pub(super) struct Folded<'a> {
    pub(super) node: NodeId,
    pub(super) path: &'a Path,
    pub(super) revision: Option<i64>,
}

impl<'a> Steps<'a> {
    /// Locks what the batch expects and writes, in the order of nodes and paths.
    pub(super) fn locks(&mut self) -> Result<Option<Folded<'a>>, Error> {
        let mut rows = Rows::new();
        if !self.expected(&mut rows)? {
            self.push(What::Lock, NEVER, Vec::new());
            return Ok(None);
        }
        let updates = self.written(&mut rows)?;
        let absent = self.absent()?;
        // Tables come first, in one order as well: whoever has one waits for rows only.
        for node in self.kept_out(&absent, &mut rows)? {
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
        for absent in &absent {
            // What belongs to a new row is not there if it has a foreign key.
            if !absent.new_owner.is_some_and(|owner| owner.has_foreign_keys) {
                let sql = self.table(absent.node)?.demand_absent();
                self.push(What::Lock, sql, Param::key(absent.path).collect());
            }
        }
        Ok(folded)
    }

    /// Takes the rows that are expected. Gives whether all can be there: one of another length than the keys of its table never
    /// is.
    fn expected(&self, rows: &mut Rows<'a>) -> Result<bool, Error> {
        for expect in &self.batch.expect {
            match expect {
                Expect::Revision(node, path, revision) => {
                    let Some(row) = self.row(rows, *node, path, Lock::Share)? else { return Ok(false) };
                    if !row.revisions.contains(revision) {
                        row.revisions.push(*revision);
                    }
                    row.demand.revision = true;
                }
                Expect::Exists(node, path) | Expect::Live(node, path) => {
                    let Some(row) = self.row(rows, *node, path, Lock::KeyShare)? else { return Ok(false) };
                    row.demand.exists = true;
                    row.demand.live |= matches!(expect, Expect::Live(..));
                }
                Expect::Empty(node, path) => {
                    // Nothing is added below a row that is locked like this.
                    if let Some(owner) = self.table(*node)?.owner {
                        self.row(rows, owner, path, Lock::Update)?;
                    }
                }
                Expect::Absent(..) | Expect::Unreferenced(..) => {}
            }
        }
        Ok(true)
    }

    /// Takes the rows that are written, and gives how many are updated.
    fn written(&self, rows: &mut Rows<'a>) -> Result<usize, Error> {
        let mut updates = 0;
        for write in &self.batch.writes {
            match write {
                Write::Update(node, record) => {
                    updates += 1;
                    let lock = if record.deletion.is_some() { Lock::Update } else { Lock::NoKeyUpdate };
                    self.row(rows, *node, &record.path, lock)?;
                }
                Write::Delete(node, path) | Write::DeleteTree(node, path) => {
                    self.row(rows, *node, path, Lock::Update)?;
                }
                // Who read that a singleton is not there shares its owner's row with others who did, but not with this.
                Write::Insert(node, record) if self.is_singleton(*node) => {
                    if let Some(owner) = self.table(*node)?.owner
                        && !self.inserts(owner, &record.path)
                    {
                        let owner = self.row(rows, owner, &record.path, Lock::NoKeyUpdate)?;
                        owner.into_iter().for_each(|owner| owner.demand.exists = true);
                    }
                }
                // It counts the owner's changes. Whoever shares the owner first, and counts later, would wait for others who do.
                Write::Append(change) if !self.inserts(change.owner, &change.path) => {
                    self.row(rows, change.owner, &change.path, Lock::NoKeyUpdate)?;
                }
                Write::Insert(..) | Write::Append(_) | Write::Forget(..) => {}
            }
        }
        Ok(updates)
    }

    /// Keeps rows out that must stay absent, by their owners' rows; gives the tables of those that have none to be kept out by.
    fn kept_out(&self, absent: &[Absent<'a>], rows: &mut Rows<'a>) -> Result<Vec<NodeId>, Error> {
        let mut whole = Vec::new();
        for &Absent { node, path, .. } in absent.iter().filter(|absent| absent.new_owner.is_none()) {
            let table = self.table(node)?;
            let owner = table.owner.map(|owner| (owner, self.layout.tree.node(owner).depth));
            let guarded = owner.and_then(|(owner, depth)| {
                let above = &path.0[..depth.min(path.0.len())];
                rows.iter_mut()
                    .find(|((node, path), _)| *node == owner.0 && path.0 == above)
                    .map(|(_, row)| row)
                    .filter(|row: &&mut Locked<'_>| row.demand.exists || row.demand.revision)
            });
            let lock = if self.is_singleton(node) { Lock::Share } else { Lock::Update };
            match guarded {
                Some(owner) => {
                    owner.lock = owner.lock.max(lock);
                    owner.keeps_out = true;
                }
                None if whole.contains(&node) => {}
                None => whole.push(node),
            }
        }
        whole.sort_unstable_by_key(|node| node.0);
        Ok(whole)
    }

    /// What is expected to be absent, without what never is there, and what the batch adds: its insert meets its key.
    fn absent(&self) -> Result<Vec<Absent<'a>>, Error> {
        let batch = self.batch;
        let mut absent = Vec::new();
        for expect in &batch.expect {
            let Expect::Absent(node, path) = expect else { continue };
            if self.table(*node)?.keys.len() == path.0.len() && !self.inserts(*node, path) {
                absent.push(Absent { node: *node, path, new_owner: self.new_owner(*node, path)? });
            }
        }
        Ok(absent)
    }

    fn row<'m>(
        &self,
        rows: &'m mut Rows<'a>,
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
            keeps_out: false,
        });
        row.lock = row.lock.max(lock);
        Ok(Some(row))
    }

    /// What a row belongs to that the batch adds. Until the commit nobody else sees that, and so can add the row.
    fn new_owner(&self, node: NodeId, path: &Path) -> Result<Option<NewOwner>, Error> {
        if self.writers.has_deletes {
            return Ok(None);
        }
        let mut table = self.table(node)?;
        let mut has_foreign_keys = true;
        while let Some(owner) = table.owner {
            has_foreign_keys &= table.existing.is_none() && self.table(owner)?.existing.is_none();
            table = self.table(owner)?;
            let key = Path(path.0.iter().take(table.keys.len()).cloned().collect());
            if self.writers.inserted.contains(&(owner, &key)) {
                return Ok(Some(NewOwner { has_foreign_keys }));
            }
        }
        Ok(None)
    }

    /// The last row in the order of locks, where its update alone is enough.
    fn fold(&self, rows: &Rows<'a>, updates: usize) -> Option<Folded<'a>> {
        let ((node, _), row) = rows.last_key_value()?;
        if self.table(NodeId(*node)).ok()?.existing.is_some() {
            return None;
        }
        let first = self.batch.writes.first();
        let is_first = matches!(first, Some(Write::Update(updated, record)) if updated.0 == *node && record.path == *row.path);
        let is_plain =
            row.lock == Lock::NoKeyUpdate && !row.demand.live && !row.keeps_out && row.revisions.len() <= 1;
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
}
