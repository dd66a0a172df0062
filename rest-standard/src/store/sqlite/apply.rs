//! One batch applied inside the writer's transaction.
//!
//! Nothing here begins or ends a transaction: whoever calls takes the statements of a refused batch back.

mod append;
mod existing;
mod search;

use std::{collections::HashMap, sync::Arc};

use rusqlite::Connection;

use super::{
    cache::{CountKey, RowKey, Rows},
    failure::{self, Violation},
    query,
    value::{Binder, Columns, stored_form},
};
use crate::{
    codec::whole_microseconds,
    error::Error,
    store::{
        Conflict, Expect, Extent, Record, RequestRecord, Write, WriteBatch,
        sql::{
            appends::Appends,
            existing::refused_by_existing,
            record::Columns as _,
            sqlite as text,
            statements::{Layout, Table},
        },
    },
    tree::NodeId,
    value::{Path, Value},
};

/// Why a batch stopped.
#[derive(Debug)]
pub(super) enum Failure {
    /// It is refused.
    Refused(Conflict),
    /// SQLite failed, and may have ended the transaction.
    Sqlite(rusqlite::Error),
}

impl From<rusqlite::Error> for Failure {
    fn from(failure: rusqlite::Error) -> Self {
        Self::Sqlite(failure)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Refused(Conflict::Store(error))
    }
}

impl From<Conflict> for Failure {
    fn from(conflict: Conflict) -> Self {
        Self::Refused(conflict)
    }
}

/// What a batch means to the caches, once it is committed.
#[derive(Debug, Default)]
pub(super) struct Effects {
    /// Rows as they are afterwards, in order; `None` where that is not known or there is none.
    pub(super) rows: Vec<(RowKey, Option<Arc<Record>>)>,
    /// How counts change; `None` where that is not known.
    pub(super) counts: Vec<(CountKey, Option<i64>)>,
    /// Deleted trees: everything below is unknown.
    pub(super) trees: Vec<(NodeId, Path)>,
    /// How many rows were written, indexes included.
    pub(super) written: u64,
    /// How many rows were added.
    pub(super) added: u64,
}

/// A row as the batch knows it to be in the transaction.
#[derive(Debug)]
struct Known {
    revision: i64,
    incarnation: i64,
    change_count: i64,
    /// How many changes the row's own statement counted for appends that follow.
    counted_ahead: i64,
    /// Whether the table said so; otherwise it was the cache, and the row's update demands the revision.
    is_proved: bool,
}

pub(super) struct Batch<'a> {
    connection: &'a Connection,
    layout: &'a Layout,
    rows: &'a Rows,
    known: HashMap<(NodeId, &'a Path), Known>,
    appends: Appends<'a>,
    effects: Effects,
    /// The gravest conflict that later writes may still outrank.
    conflict: Option<Conflict>,
    /// Rows that would be there but for that conflict.
    refused: Vec<(NodeId, &'a Path)>,
}

/// A batch that was not applied.
#[derive(Debug)]
pub(super) struct Stopped {
    pub(super) why: Failure,
    /// Whether some of its statements took effect before, which must be taken back.
    pub(super) left_traces: bool,
}

/// Checks what the batch expects and applies its writes.
pub(super) fn apply(
    connection: &Connection,
    layout: &Layout,
    rows: &Rows,
    batch: &WriteBatch,
) -> Result<Effects, Stopped> {
    let mut this = Batch {
        connection,
        layout,
        rows,
        known: HashMap::new(),
        appends: Appends::new(batch),
        effects: Effects::default(),
        conflict: None,
        refused: Vec::new(),
    };
    let outcome = this.run(batch);
    match outcome.and_then(|()| this.conflict.map_or(Ok(()), |conflict| Err(Failure::Refused(conflict)))) {
        Ok(()) => Ok(this.effects),
        Err(why) => Err(Stopped { why, left_traces: this.effects.written > 0 }),
    }
}

impl<'a> Batch<'a> {
    fn run(&mut self, batch: &'a WriteBatch) -> Result<(), Failure> {
        if let Some(request) = &batch.request {
            self.record_request(request)?;
        }
        for expect in &batch.expect {
            self.expect(batch, expect)?;
        }
        let mut writes = batch.writes.iter().enumerate();
        writes.try_for_each(|(at, write)| match write {
            Write::Insert(node, record) => self.insert(at, *node, record),
            Write::Update(node, record) => self.update(at, *node, record),
            Write::Delete(node, path) => self.delete(*node, path),
            Write::DeleteTree(node, path) => self.delete_tree(*node, path),
            Write::Append(change) => self.append(change),
            Write::Forget(log, path, incarnation) => self.forget(*log, path, *incarnation),
        })?;
        for expect in &batch.expect {
            let holds = match expect {
                Expect::Empty(node, path) => !self.exists_below(*node, path, true)?,
                Expect::Unreferenced(node, field, value) => !self.is_referenced(*node, *field, value)?,
                _ => true,
            };
            if !holds {
                return Err(Conflict::Stale.into());
            }
        }
        Ok(())
    }

    fn table(&self, node: NodeId) -> Result<&'a Table, Failure> {
        Ok(self.layout.table(node)?)
    }

    fn record_request(&mut self, request: &RequestRecord) -> Result<(), Failure> {
        let inserted = query::execute(self.connection, text::INSERT_REQUEST, |binder| {
            binder.text(&request.caller)?;
            binder.text(&request.id)?;
            binder.bytes(&request.fingerprint)?;
            binder.timestamp(request.at)?;
            binder.integer(i64::from(request.status))?;
            binder.optional_text(request.location.as_deref())?;
            binder.optional_text(request.etag.as_deref())?;
            binder.text(&request.data)
        });
        match inserted {
            Ok(_) => {
                self.effects.written += 2;
                self.effects.added += 1;
                Ok(())
            }
            Err(failure) => match failure::violation(&failure) {
                Some(_) => Err(Conflict::RequestIdUsed.into()),
                None => Err(failure.into()),
            },
        }
    }

    fn expect(&mut self, batch: &WriteBatch, expect: &'a Expect) -> Result<(), Failure> {
        let holds = match expect {
            Expect::Revision(node, path, revision) => {
                self.is_left_to_update(batch, *node, path, *revision)
                    || self.state(*node, path)?.is_some_and(|known| known.revision == *revision)
            }
            Expect::Exists(node, path) => self.state(*node, path)?.is_some(),
            Expect::Live(node, path) => self.exists_below(*node, path, true)?,
            Expect::Empty(..) | Expect::Unreferenced(..) => true,
            Expect::Absent(node, path) => self.state(*node, path)?.is_none(),
        };
        if holds { Ok(()) } else { Err(Conflict::Stale.into()) }
    }

    fn is_referenced(&self, node: NodeId, field: usize, value: &Value) -> Result<bool, Failure> {
        Ok(query::find_unique(self.connection, self.table(node)?, field, value)?.is_some())
    }

    /// Whether a row's update can prove its revision, which spares reading it: the cache has the row at that revision.
    fn is_left_to_update(&mut self, batch: &WriteBatch, node: NodeId, path: &'a Path, revision: i64) -> bool {
        // Most batches hold one or two writes; looking through all of a large one for each row would cost more.
        let mut writes = batch.writes.iter().take(4);
        let is_updated = writes.any(
            |write| matches!(write, Write::Update(updated, record) if *updated == node && record.path == *path),
        );
        let cached = self.rows.get(node, path).filter(|row| is_updated && row.revision == revision);
        let Some(row) = cached else { return false };
        let known = Known {
            revision,
            incarnation: row.incarnation,
            change_count: row.change_count,
            counted_ahead: 0,
            is_proved: false,
        };
        self.known.insert((node, path), known);
        true
    }

    /// Reads what the row is at, and remembers it.
    fn state(&mut self, node: NodeId, path: &'a Path) -> Result<Option<&Known>, Failure> {
        let table = self.table(node)?;
        if path.0.len() != table.keys.len() {
            return Ok(None);
        }
        if table.existing.is_some() {
            let found = query::read(self.connection, table, path, &Extent::Whole)?;
            let Some(record) = found else { return Ok(None) };
            let known = Known {
                revision: record.revision,
                incarnation: 0,
                change_count: 0,
                counted_ahead: 0,
                is_proved: true,
            };
            return Ok(Some(self.known.entry((node, path)).insert_entry(known).into_mut()));
        }
        let found = query::first(
            self.connection,
            &table.state,
            |binder| binder.key(path),
            |row| {
                let mut columns = Columns::new(row);
                Ok((columns.integer()?, columns.integer()?, columns.integer()?))
            },
        )?;
        let Some((revision, incarnation, change_count)) = found else { return Ok(None) };
        let known = Known { revision, incarnation, change_count, counted_ahead: 0, is_proved: true };
        Ok(Some(self.known.entry((node, path)).insert_entry(known).into_mut()))
    }

    fn known(&mut self, node: NodeId, path: &'a Path) -> Option<&mut Known> {
        self.known.get_mut(&(node, path))
    }

    fn insert(&mut self, at: usize, node: NodeId, record: &'a Record) -> Result<(), Failure> {
        let table = self.table(node)?;
        if table.is_log || record.path.0.len() != table.keys.len() || record.row.0.len() != table.fields.len()
        {
            return Err(misshapen(table).into());
        }
        let ahead = self.appends.after(at, node, &record.path, record.incarnation);
        let change_count = record.change_count + ahead;
        let inserted = query::execute(self.connection, &table.insert, |binder| {
            if table.existing.is_some() {
                binder.ids(&record.path.0[table.stored_from..])?;
                return table.inserted(record).iter().try_for_each(|cell| binder.cell(cell));
            }
            binder.key(&record.path)?;
            binder.timestamp(record.created_at)?;
            binder.optional_text(record.created_by.as_deref())?;
            binder.timestamp(record.updated_at)?;
            binder.optional_text(record.updated_by.as_deref())?;
            binder.integer(record.revision)?;
            binder.integer(record.incarnation)?;
            binder.integer(change_count)?;
            if table.is_soft {
                binder.deletion(record)?;
            }
            record.row.0.iter().try_for_each(|value| binder.value(value))
        });
        if let Err(failure) = inserted {
            return self.refuse_insert(table, record, failure);
        }
        let known = Known {
            revision: record.revision,
            incarnation: record.incarnation,
            change_count: record.change_count,
            counted_ahead: ahead,
            is_proved: true,
        };
        self.known.insert((node, &record.path), known);
        self.effects.written += 1 + table.index_count;
        self.effects.added += 1;
        self.index(table, record)?;
        self.count(table, &record.path, Some(i64::from(record.deletion.is_none())));
        if table.existing.is_some() {
            return self.kept(table, record);
        }
        let mut stored = Record { change_count, ..record.clone() };
        to_stored_form(&mut stored);
        self.effects.rows.push((RowKey { node, path: record.path.clone() }, Some(Arc::new(stored))));
        Ok(())
    }

    fn refuse_insert(
        &mut self,
        table: &Table,
        record: &'a Record,
        failure: rusqlite::Error,
    ) -> Result<(), Failure> {
        let path = &record.path;
        match failure::violation(&failure) {
            Some(Violation::PrimaryKey) => Err(Conflict::Stale.into()),
            Some(Violation::ForeignKey) if self.is_owner_refused(table, path) => {
                self.refused.push((table.node, path));
                Ok(())
            }
            // What is above is there, so that another key of the table leads nowhere.
            Some(Violation::ForeignKey) if table.existing.is_some() && self.has_owner(table, path)? => {
                Err(Conflict::Store(refused_by_existing()).into())
            }
            Some(Violation::ForeignKey) => Err(Conflict::Stale.into()),
            // SQLite may look at a unique index before the key, and does before the foreign key.
            Some(Violation::Unique) if self.state(table.node, path)?.is_some() => Err(Conflict::Stale.into()),
            Some(Violation::Unique) if !self.has_owner(table, path)? => Err(Conflict::Stale.into()),
            Some(Violation::Unique) => {
                self.refused.push((table.node, path));
                self.conflict = Some(Conflict::Unique);
                Ok(())
            }
            Some(Violation::Constraint) if table.existing.is_some() => {
                Err(Conflict::Store(refused_by_existing()).into())
            }
            Some(Violation::Constraint) | None => Err(failure.into()),
        }
    }

    fn has_owner(&self, table: &Table, path: &Path) -> Result<bool, Failure> {
        let Some(owner) = table.owner else { return Ok(true) };
        let key = path.ancestor(self.layout.tree.node(owner).depth);
        if self.is_refused(owner, &key) {
            return Ok(true);
        }
        self.exists_below(owner, &key, false)
    }

    fn is_refused(&self, node: NodeId, path: &Path) -> bool {
        self.refused.iter().any(|(refused, at)| *refused == node && *at == path)
    }

    fn is_owner_refused(&self, table: &Table, path: &Path) -> bool {
        let Some(owner) = table.owner else { return false };
        let depth = self.layout.tree.node(owner).depth;
        self.is_refused(owner, &path.ancestor(depth))
    }

    fn update(&mut self, at: usize, node: NodeId, record: &'a Record) -> Result<(), Failure> {
        let table = self.table(node)?;
        let path = &record.path;
        if table.is_log || path.0.len() != table.keys.len() || record.row.0.len() != table.fields.len() {
            return Err(misshapen(table).into());
        }
        if let Some(existing) = table.existing {
            return self.update_existing(table, existing, record);
        }
        // A row whose revision the batch has verified is in the cache as it is in the table.
        let verified = self.known(node, path).map(|known| known.revision);
        let cached = verified.and_then(|revision| {
            self.rows
                .get(node, path)
                .filter(|row| row.revision == revision && row.row.0.len() == table.fields.len())
        });
        let changed: Vec<usize> = match &cached {
            Some(cached) => {
                (0..table.fields.len()).filter(|at| cached.row.0[*at] != record.row.0[*at]).collect()
            }
            None => (0..table.fields.len()).collect(),
        };
        let before =
            self.known(node, path).map(|known| (known.incarnation, known.change_count, known.counted_ahead));
        let (incarnation, change_count, counted) = before.unwrap_or_default();
        let appends = before.map_or(0, |_| self.appends.after(at, node, path, incarnation));
        let counts = appends > counted;
        let change_count = change_count + appends.max(counted);
        let demanded = self.known(node, path).filter(|known| !known.is_proved).map(|known| known.revision);
        let sql = table.update(&changed, counts, demanded.is_some());
        let updated = query::execute(self.connection, &sql, |binder| {
            binder.timestamp(record.updated_at)?;
            binder.optional_text(record.updated_by.as_deref())?;
            binder.integer(record.revision)?;
            if counts {
                binder.integer(change_count)?;
            }
            if table.is_soft {
                binder.deletion(record)?;
            }
            changed.iter().try_for_each(|field| binder.value(&record.row.0[*field]))?;
            binder.key(path)?;
            demanded.map_or(Ok(()), |revision| binder.integer(revision))
        });
        match updated {
            Ok(1) => {}
            Ok(_) if self.is_refused(node, path) => return Ok(()),
            Ok(_) => return Err(Conflict::Stale.into()),
            Err(failure) => match failure::violation(&failure) {
                Some(Violation::Unique) => {
                    self.conflict = Some(Conflict::Unique);
                    return Ok(());
                }
                _ => return Err(failure.into()),
            },
        }
        if let Some(known) = self.known(node, path) {
            known.revision = record.revision;
            known.is_proved = true;
            known.counted_ahead = appends.max(counted);
        }
        self.effects.written += 1 + changed.len() as u64;
        self.index_anew(table, record, &changed)?;
        if table.is_soft {
            let is_live = |record: &Record| i64::from(record.deletion.is_none());
            let change = cached.as_ref().map(|before| is_live(record) - is_live(before));
            if change != Some(0) {
                self.count(table, path, change);
            }
        }
        let after = cached.map(|cached| {
            let mut stored = Record {
                incarnation: cached.incarnation,
                change_count,
                created_at: cached.created_at,
                created_by: cached.created_by.clone(),
                ..record.clone()
            };
            to_stored_form(&mut stored);
            Arc::new(stored)
        });
        self.effects.rows.push((RowKey { node, path: path.clone() }, after));
        Ok(())
    }

    fn delete(&mut self, node: NodeId, path: &'a Path) -> Result<(), Failure> {
        let table = self.table(node)?;
        let mut has_children = false;
        for child in &table.children {
            has_children |= self.exists_below(*child, path, false)?;
        }
        if has_children {
            if self.conflict.is_none() {
                self.conflict = Some(Conflict::HasChildren);
            }
            return Ok(());
        }
        for singleton in &table.singletons {
            self.delete_row(self.layout.table(*singleton)?, path)?;
        }
        self.delete_row(table, path)
    }

    fn exists_below(&self, node: NodeId, path: &Path, live: bool) -> Result<bool, Failure> {
        let sql = self.table(node)?.exists_below(path.0.len(), live);
        let bind = |binder: &mut Binder<'_, '_>| binder.key(path);
        let found = query::first(self.connection, &sql, bind, |row| Columns::new(row).integer())?;
        Ok(found.is_some_and(|found| found != 0))
    }

    fn delete_row(&mut self, table: &Table, path: &'a Path) -> Result<(), Failure> {
        let deleted = query::execute(self.connection, &table.delete, |binder| binder.key(path));
        let deleted = match deleted {
            Ok(deleted) => deleted,
            Err(failure) => return self.refuse_delete(failure),
        };
        if deleted > 0 {
            self.effects.written += 1 + table.index_count;
            self.unindex(table, path)?;
            // A row that was soft-deleted was not counted.
            self.count(table, path, (!table.is_soft).then_some(-1));
        }
        self.known.remove(&(table.node, path));
        self.effects.rows.push((RowKey { node: table.node, path: path.clone() }, None));
        Ok(())
    }

    /// Tables that a newer release added may refer to a row, too.
    fn refuse_delete(&mut self, failure: rusqlite::Error) -> Result<(), Failure> {
        match failure::violation(&failure) {
            Some(Violation::ForeignKey) => {
                if self.conflict.is_none() {
                    self.conflict = Some(Conflict::HasChildren);
                }
                Ok(())
            }
            _ => Err(failure.into()),
        }
    }

    fn delete_tree(&mut self, node: NodeId, path: &'a Path) -> Result<(), Failure> {
        let depth = path.0.len();
        for below in self.layout.tree.descendants(node).into_iter().rev() {
            let table = self.table(below)?;
            if table.is_log {
                continue;
            }
            let deleted =
                query::execute(self.connection, &table.delete_below(depth), |binder| binder.key(path));
            match deleted {
                Ok(0) => {}
                Ok(deleted) => {
                    self.effects.written += deleted as u64 * (1 + table.index_count);
                    self.unindex_below(table, path)?;
                }
                Err(failure) => return self.refuse_delete(failure),
            }
            self.known.retain(|(node, known), _| *node != below || !known.0.starts_with(&path.0));
            self.effects.trees.push((below, path.clone()));
        }
        self.delete_row(self.layout.table(node)?, path)
    }

    fn count(&mut self, table: &Table, path: &Path, change: Option<i64>) {
        let Some((_, parent)) = path.0.split_last() else { return };
        if self.layout.tree.node(table.node).descriptor.is_singleton() {
            return;
        }
        let key = CountKey { node: table.node, parent: Path(parent.to_vec()), incarnation: None };
        self.effects.counts.push((key, change));
    }
}

fn misshapen(table: &Table) -> Error {
    Error::internal(format!("a record does not fit the table `{}`", table.name))
}

fn to_stored_form(record: &mut Record) {
    record.created_at = whole_microseconds(record.created_at);
    record.updated_at = whole_microseconds(record.updated_at);
    if let Some(deletion) = &mut record.deletion {
        deletion.at = whole_microseconds(deletion.at);
        deletion.purge_at = whole_microseconds(deletion.purge_at);
    }
    record.row.0.iter_mut().for_each(stored_form);
}
