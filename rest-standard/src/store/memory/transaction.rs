//! One batch applied to the state, with what it takes to undo it.

use std::sync::Arc;

use super::{State, Table};
use crate::{
    error::Error,
    store::{Change, Conflict, Expect, Record, Write, WriteBatch},
    tree::{Node, NodeId, Tree},
    value::{Id, Path, Row, Value},
};

/// The state while a batch is applied to it; the caller holds the lock, so nobody sees it half applied.
pub(super) struct Transaction<'a> {
    state: &'a mut State,
    tree: Arc<Tree>,
    done: Vec<Step>,
    unique: bool,
    has_children: bool,
}

/// One change of the state, with what was there before.
enum Step {
    Row(NodeId, Path, Option<Arc<Record>>),
    Entry(NodeId, (Path, i64, i64)),
    Forgotten(NodeId, (Path, i64, i64), Arc<Record>),
}

impl<'a> Transaction<'a> {
    pub(super) fn begin(state: &'a mut State) -> Result<Self, Error> {
        let tree = Arc::clone(&state.start()?.tree);
        Ok(Self { state, tree, done: Vec::new(), unique: false, has_children: false })
    }

    /// Checks the batch and applies its writes. After a conflict the state is in between until [`Self::undo`].
    ///
    /// A violated unique value or a child in the way is only noted, and the write happens, since a write after it may
    /// be stale, which comes first.
    pub(super) fn apply(&mut self, batch: &WriteBatch) -> Result<(), Conflict> {
        if let Some(request) = &batch.request
            && self.state.find_request(&request.caller, &request.id).is_some()
        {
            return Err(Conflict::RequestIdUsed);
        }
        for expect in &batch.expect {
            self.expect(expect)?;
        }
        for write in &batch.writes {
            match write {
                Write::Insert(node, record) => self.insert(*node, record)?,
                Write::Update(node, record) => self.update(*node, record)?,
                Write::Delete(node, path) => self.delete(*node, path)?,
                Write::DeleteTree(node, path) => self.delete_tree(*node, path)?,
                Write::Append(change) => self.append(change)?,
                Write::Forget(log, path, incarnation) => self.forget(*log, path, *incarnation)?,
            }
        }
        for expect in &batch.expect {
            let holds = match expect {
                Expect::Empty(node, path) => {
                    !self.table(*node)?.below(path).any(|(_, record)| record.deletion.is_none())
                }
                Expect::Unreferenced(node, field, value) => {
                    !self.table(*node)?.rows.values().any(|record| record.row.0.get(*field) == Some(value))
                }
                _ => true,
            };
            if !holds {
                return Err(Conflict::Stale);
            }
        }
        match (self.unique, self.has_children) {
            (true, _) => Err(Conflict::Unique),
            (false, true) => Err(Conflict::HasChildren),
            (false, false) => Ok(()),
        }
    }

    /// Takes back what was applied, the last step first.
    pub(super) fn undo(self) {
        for step in self.done.into_iter().rev() {
            match step {
                Step::Row(node, path, before) => {
                    self.state.tables[node.0].set(&path, before);
                }
                Step::Entry(log, key) => {
                    self.state.tables[log.0].log.remove(&key);
                }
                Step::Forgotten(log, key, entry) => {
                    self.state.tables[log.0].log.insert(key, entry);
                }
            }
        }
    }

    fn expect(&self, expect: &Expect) -> Result<(), Conflict> {
        let holds = match expect {
            Expect::Revision(node, path, revision) => {
                self.table(*node)?.rows.get(path).is_some_and(|record| record.revision == *revision)
            }
            Expect::Exists(node, path) => self.table(*node)?.rows.contains_key(path),
            Expect::Live(node, path) => {
                self.table(*node)?.rows.get(path).is_some_and(|record| record.deletion.is_none())
            }
            Expect::Empty(..) | Expect::Unreferenced(..) => true,
            Expect::Absent(node, path) => !self.table(*node)?.rows.contains_key(path),
        };
        if holds { Ok(()) } else { Err(Conflict::Stale) }
    }

    fn insert(&mut self, id: NodeId, record: &Record) -> Result<(), Conflict> {
        let is_taken = self.table(id)?.rows.contains_key(&record.path);
        if is_taken || !self.owner_exists(id, &record.path)? {
            return Err(Conflict::Stale);
        }
        self.put(id, record.clone())
    }

    fn update(&mut self, id: NodeId, record: &Record) -> Result<(), Conflict> {
        let Some(before) = self.table(id)?.rows.get(&record.path) else { return Err(Conflict::Stale) };
        let after = Record {
            incarnation: before.incarnation,
            change_count: before.change_count,
            created_at: before.created_at,
            created_by: before.created_by.clone(),
            ..record.clone()
        };
        self.put(id, after)
    }

    fn put(&mut self, id: NodeId, record: Record) -> Result<(), Conflict> {
        let table = self.table(id)?;
        let is_taken = |index: &usize| {
            let value = record.row.0.get(*index).unwrap_or(&Value::Null);
            table.holders(*index, value).any(|path| *path != record.path)
        };
        self.unique |= table.unique.keys().any(is_taken);
        self.set(id, record.path.clone(), Some(Arc::new(record)));
        Ok(())
    }

    /// Removes the row and the singletons that belong to it; those below another singleton do, too.
    fn delete(&mut self, id: NodeId, path: &Path) -> Result<(), Conflict> {
        self.table(id)?;
        self.set(id, path.clone(), None);
        let tree = Arc::clone(&self.tree);
        for child in
            tree.node(id).children.iter().map(|child| tree.node(*child)).filter(|child| !child.is_change_log)
        {
            if child.descriptor.is_singleton() {
                self.delete(child.id, path)?;
            } else {
                let is_empty = self.table(child.id)?.below(path).next().is_none();
                self.has_children |= !is_empty;
            }
        }
        Ok(())
    }

    fn delete_tree(&mut self, id: NodeId, path: &Path) -> Result<(), Conflict> {
        self.table(id)?;
        self.set(id, path.clone(), None);
        for child in self.tree.descendants(id) {
            let paths: Vec<Path> = self.table(child)?.below(path).map(|(path, _)| path.clone()).collect();
            for path in paths {
                self.set(child, path, None);
            }
        }
        Ok(())
    }

    fn append(&mut self, change: &Change) -> Result<(), Conflict> {
        let log = self.log_of(change.owner)?;
        let owner = self.table(change.owner)?.rows.get(&change.path);
        let owner = owner.filter(|owner| owner.incarnation == change.incarnation).cloned();
        let last = match &owner {
            Some(owner) => owner.change_count,
            None => {
                let entry = self.table(log)?.changes(&change.path, change.incarnation).next_back();
                entry.map_or(0, |entry| entry.revision.wrapping_sub(change.incarnation))
            }
        };
        let id = last + 1;
        if let Some(owner) = owner {
            self.set(
                change.owner,
                change.path.clone(),
                Some(Arc::new(Record { change_count: id, ..(*owner).clone() })),
            );
        }
        let key = (change.path.clone(), change.incarnation, id);
        let entries = &mut self.state.tables[log.0].log;
        if entries.contains_key(&key) {
            return Err(Conflict::Stale);
        }
        entries.insert(key.clone(), Arc::new(entry(change, id)));
        self.done.push(Step::Entry(log, key));
        Ok(())
    }

    fn forget(&mut self, log: NodeId, path: &Path, incarnation: i64) -> Result<(), Conflict> {
        self.table(log)?;
        let Some((Id::Integer(id), owner)) = path.0.split_last() else { return Ok(()) };
        let key = (Path(owner.to_vec()), incarnation, *id);
        if let Some(entry) = self.state.tables[log.0].log.remove(&key) {
            self.done.push(Step::Forgotten(log, key, entry));
        }
        Ok(())
    }

    fn set(&mut self, id: NodeId, path: Path, record: Option<Arc<Record>>) {
        let before = self.state.tables[id.0].set(&path, record);
        self.done.push(Step::Row(id, path, before));
    }

    fn owner_exists(&self, id: NodeId, path: &Path) -> Result<bool, Error> {
        let Some(owner) = self.node(id)?.owner else { return Ok(true) };
        let key = path.ancestor(self.tree.node(owner).depth);
        Ok(self.table(owner)?.rows.contains_key(&key))
    }

    fn log_of(&self, owner: NodeId) -> Result<NodeId, Error> {
        self.node(owner)?.changes.ok_or_else(|| Error::internal(format!("{owner:?} has no change log")))
    }

    fn table(&self, id: NodeId) -> Result<&Table, Error> {
        self.state.table(id)
    }

    fn node(&self, id: NodeId) -> Result<&Node, Error> {
        self.table(id)?;
        Ok(self.tree.node(id))
    }
}

/// The change as a resource of its log.
fn entry(change: &Change, id: i64) -> Record {
    Record {
        path: change.path.join(Id::Integer(id)),
        revision: change.incarnation.wrapping_add(id),
        incarnation: change.incarnation,
        change_count: 0,
        created_at: change.at,
        created_by: change.by.clone(),
        updated_at: change.at,
        updated_by: change.by.clone(),
        deletion: None,
        row: Row(vec![
            Value::Text(change.request_id.clone()),
            Value::Text(change.method.clone()),
            Value::Json(change.patch.clone()),
        ]),
    }
}
