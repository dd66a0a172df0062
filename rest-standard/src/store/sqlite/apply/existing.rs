//! Rows of tables that the framework did not make.

use super::{Batch, Failure, query};
use crate::{
    descriptor::ExistingTable,
    store::{
        Conflict, Extent, Record,
        sql::{
            existing::{Which, changed_by_existing, refused_by_existing},
            statements::Table,
        },
        sqlite::{
            failure::{self, Violation},
            value::stored_form,
        },
    },
};

impl<'a> Batch<'a> {
    pub(super) fn update_existing(
        &mut self,
        table: &Table,
        existing: &ExistingTable,
        record: &'a Record,
    ) -> Result<(), Failure> {
        let path = &record.path;
        let sql = table.render_update_existing(existing, record);
        let updated = query::execute(self.connection, &sql, |binder| {
            table.updated(record).iter().try_for_each(|cell| binder.cell(cell))?;
            binder.key(path)
        });
        match updated {
            Ok(1) => {}
            Ok(_) if self.is_refused(table.node, path) => return Ok(()),
            Ok(_) => return Err(Conflict::Stale.into()),
            Err(failure) => match failure::violation(&failure) {
                Some(Violation::Unique) => {
                    self.conflict = Some(Conflict::Unique);
                    return Ok(());
                }
                Some(_) => return Err(Conflict::Store(refused_by_existing()).into()),
                None => return Err(failure.into()),
            },
        }
        if let Some(known) = self.known(table.node, path) {
            known.revision = record.revision;
        }
        self.effects.written += 1 + table.index_count;
        self.kept(table, record)
    }

    /// Demands that a row of an existing table holds what was written: its owner's types may have changed it.
    pub(super) fn kept(&self, table: &Table, record: &Record) -> Result<(), Failure> {
        let there = query::read(self.connection, table, &record.path, &Extent::Whole)?;
        let holds = |there: &Record| {
            table.fields.iter().enumerate().filter(|(_, field)| Which::Written.has(field)).all(|(at, _)| {
                let mut written = record.row.0[at].clone();
                stored_form(&mut written);
                there.row.0[at] == written
            })
        };
        if there.is_some_and(|there| holds(&there)) {
            return Ok(());
        }
        Err(Conflict::Store(changed_by_existing()).into())
    }
}
