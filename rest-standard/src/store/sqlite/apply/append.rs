//! Change entries: numbered from one for each owner, by the owner's own statement where that can do it.

use std::collections::HashMap;

use super::{Batch, Failure};
use crate::{
    error::Error,
    store::{
        Change, Conflict, Write, WriteBatch,
        sql::statements::Table,
        sqlite::{
            cache::{CountKey, RowKey},
            failure, query,
            value::{Binder, Columns},
        },
    },
    tree::NodeId,
    value::Path,
};

/// The appends at the end of a batch, which a row's own statement can count.
pub(super) struct Appends<'a> {
    /// Where they begin: no delete comes after.
    start: usize,
    /// By owner: the first one's incarnation, and how many there are of it.
    counts: HashMap<(NodeId, &'a Path), (i64, i64)>,
}

impl<'a> Appends<'a> {
    pub(super) fn new(batch: &'a WriteBatch) -> Self {
        let tail = batch.writes.iter().rev().take_while(|write| matches!(write, Write::Append(_))).count();
        let start = batch.writes.len() - tail;
        let mut counts = HashMap::new();
        for write in &batch.writes[start..] {
            if let Write::Append(change) = write {
                let (first, count) =
                    counts.entry((change.owner, &change.path)).or_insert((change.incarnation, 0));
                *count += i64::from(*first == change.incarnation);
            }
        }
        Self { start, counts }
    }

    /// How many appends are to this incarnation of a row that is written at `at` and stays.
    pub(super) fn after(&self, at: usize, node: NodeId, path: &Path, incarnation: i64) -> i64 {
        match self.counts.get(&(node, path)) {
            Some((first, count)) if *first == incarnation && at < self.start => *count,
            _ => 0,
        }
    }
}

impl<'a> Batch<'a> {
    pub(super) fn append(&mut self, change: &'a Change) -> Result<(), Failure> {
        let owner = self.table(change.owner)?;
        let Some(log) = owner.log else {
            return Err(Error::internal(format!("`{}` keeps no change log", owner.name)).into());
        };
        let log = self.table(log)?;
        let id = self.next_change(owner, log, change)?;
        let inserted = query::execute(self.connection, &log.insert, |binder| {
            binder.key(&change.path)?;
            binder.integer(id)?;
            binder.integer(change.incarnation)?;
            binder.timestamp(change.at)?;
            binder.optional_text(change.by.as_deref())?;
            binder.text(&change.request_id)?;
            binder.text(&change.method)?;
            binder.text(&change.patch.to_string())
        });
        match inserted {
            Ok(_) => {}
            Err(failure) => match failure::violation(&failure) {
                Some(_) => return Err(Conflict::Stale.into()),
                None => return Err(failure.into()),
            },
        }
        self.effects.written += 2;
        self.effects.added += 1;
        let key =
            CountKey { node: log.node, parent: change.path.clone(), incarnation: Some(change.incarnation) };
        self.effects.counts.push((key, Some(1)));
        Ok(())
    }

    fn next_change(&mut self, owner: &Table, log: &Table, change: &'a Change) -> Result<i64, Failure> {
        if let Some(known) = self.known(owner.node, &change.path)
            && known.incarnation == change.incarnation
            && known.counted_ahead > 0
        {
            known.counted_ahead -= 1;
            known.change_count += 1;
            return Ok(known.change_count);
        }
        let counted = query::first(
            self.connection,
            &owner.count_change,
            |binder| {
                binder.key(&change.path)?;
                binder.integer(change.incarnation)
            },
            |row| Columns::new(row).integer(),
        )?;
        if let Some(count) = counted {
            self.effects.written += 1;
            if let Some(known) = self.known(owner.node, &change.path) {
                known.change_count = count;
            }
            self.effects.rows.push((RowKey { node: owner.node, path: change.path.clone() }, None));
            return Ok(count);
        }
        let bind = |binder: &mut Binder<'_, '_>| {
            binder.key(&change.path)?;
            binder.integer(change.incarnation)
        };
        let last = query::first(self.connection, &log.last_change, bind, |row| {
            Columns::new(row).optional_integer()
        })?;
        Ok(last.flatten().unwrap_or_default() + 1)
    }
}
