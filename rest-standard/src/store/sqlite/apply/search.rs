//! The index of words: what a batch writes to a row, it writes there as well.

use super::{Batch, Failure};
use crate::{
    search::words_of,
    store::{
        Record,
        sql::{
            search::{self, Index},
            statements::Table,
        },
        sqlite::query,
    },
    value::Path,
};

impl Batch<'_> {
    /// Puts a row into the index that is not there.
    pub(super) fn index(&mut self, table: &Table, record: &Record) -> Result<(), Failure> {
        let (Some(index), Some(id)) = (&table.search, record.path.id()) else { return Ok(()) };
        let text = search::text(&record.path, &words_of(table.fields, &record.row));
        query::execute(self.connection, &index.insert, |binder| {
            binder.id(id)?;
            binder.text(&text)
        })?;
        Ok(())
    }

    /// Puts a row into the index in place of what it was, where one of the `changed` fields is searched.
    pub(super) fn index_anew(
        &mut self,
        table: &Table,
        record: &Record,
        changed: &[usize],
    ) -> Result<(), Failure> {
        let Some(index) = &table.search else { return Ok(()) };
        if !changed.iter().any(|field| table.fields[*field].search) {
            return Ok(());
        }
        self.take_out(index, &search::row(&record.path))?;
        self.effects.written += 2;
        self.index(table, record)
    }

    /// Takes a row out of the index.
    pub(super) fn unindex(&mut self, table: &Table, path: &Path) -> Result<(), Failure> {
        table.search.as_ref().map_or(Ok(()), |index| self.take_out(index, &search::row(path)))
    }

    /// Takes all rows below a path out of the index.
    pub(super) fn unindex_below(&mut self, table: &Table, path: &Path) -> Result<(), Failure> {
        table.search.as_ref().map_or(Ok(()), |index| self.take_out(index, &search::below(path)))
    }

    fn take_out(&self, index: &Index, matched: &str) -> Result<(), Failure> {
        query::execute(self.connection, &index.delete, |binder| binder.text(matched))?;
        Ok(())
    }
}
