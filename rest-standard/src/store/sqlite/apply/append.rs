//! Change entries: numbered for each owner, by the owner's own statement where that can do it, and forgotten.

use super::{Batch, Failure};
use crate::{
    error::Error,
    store::{
        Change, Conflict,
        sql::{record::Columns as _, statements::Table},
        sqlite::{
            cache::{CountKey, RowKey},
            failure, query,
            value::{Binder, Columns},
        },
    },
    tree::NodeId,
    value::{Id, Path},
};

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

    pub(super) fn forget(&mut self, log: NodeId, path: &'a Path, incarnation: i64) -> Result<(), Failure> {
        let log = self.table(log)?;
        let Some((Id::Integer(id), owner)) = path.0.split_last() else { return Ok(()) };
        if path.0.len() != log.keys.len() {
            return Ok(());
        }
        let gone = query::execute(self.connection, &log.delete, |binder| {
            binder.ids(owner)?;
            binder.integer(incarnation)?;
            binder.integer(*id)
        })?;
        if gone > 0 {
            self.effects.written += 1 + log.index_count;
            let parent = path.ancestor(owner.len());
            let key = CountKey { node: log.node, parent, incarnation: Some(incarnation) };
            self.effects.counts.push((key, Some(-1)));
        }
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
