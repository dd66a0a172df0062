//! The reads: a row, a page, a count, a request id.

use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row as SqliteRow};

use super::{
    cache::{self, CountKey, Counts},
    failure,
    value::{Binder, Columns},
};
use crate::{
    error::{Error, Result},
    store::{
        Column, Count, Excerpt, Extent, Feed, Page, Record, RequestRecord, Scan, Scope, Total,
        sql::{
            record::{Columns as _, key, listed, record},
            render::{self, Query, Range},
            sqlite as text,
            statements::Table,
        },
    },
    value::{Id, Path, Value},
};

/// How far beyond what a client cares about a count goes, so that some deletes later it still is enough.
const SLACK: u64 = 2;

/// A record of which only `extent` was read means nothing beyond that; it must not be handed on but as an excerpt.
pub(super) fn read(
    connection: &Connection,
    table: &Table,
    path: &Path,
    extent: &Extent,
) -> Result<Option<Record>> {
    // A path of another length names nothing in this table.
    if path.0.len() != table.keys.len() {
        return Ok(None);
    }
    let bind = |binder: &mut Binder<'_, '_>| binder.key(path);
    let read = |row: &SqliteRow<'_>| record(table, path.clone(), extent, &mut Columns::new(row));
    match extent {
        Extent::Whole => first(connection, &table.read, bind, read),
        // The same columns give the same text in whatever order a client names them.
        Extent::Only(_) => first(connection, &table.render_read(extent), bind, read),
    }
}

/// Reads within one transaction, so that no commit comes between.
pub(super) fn read_all(
    connection: &Connection,
    table: &Table,
    paths: &[Path],
) -> Result<Vec<Option<Arc<Record>>>> {
    let transaction = connection.unchecked_transaction().map_err(failure::error)?;
    let read = |path| Ok(read(&transaction, table, path, &Extent::Whole)?.map(Arc::new));
    let records = paths.iter().map(read).collect::<Result<_>>()?;
    transaction.commit().map_err(failure::error)?;
    Ok(records)
}

pub(super) fn read_change(
    connection: &Connection,
    table: &Table,
    path: &Path,
    incarnation: i64,
) -> Result<Option<Record>> {
    let Some((Id::Integer(id), owner)) = path.0.split_last() else { return Ok(None) };
    if path.0.len() != table.keys.len() {
        return Ok(None);
    }
    let bind = |binder: &mut Binder<'_, '_>| {
        binder.ids(owner)?;
        binder.integer(incarnation)?;
        binder.integer(*id)
    };
    first(connection, &table.read, bind, |row| {
        record(table, path.clone(), &Extent::Whole, &mut Columns::new(row))
    })
}

pub(super) fn find_unique(
    connection: &Connection,
    table: &Table,
    field: usize,
    value: &Value,
) -> Result<Option<Path>> {
    if value.is_null() || field >= table.fields.len() {
        return Ok(None);
    }
    let bind = |binder: &mut Binder<'_, '_>| match table.existing {
        Some(_) => binder.held(value),
        None => binder.value(value),
    };
    first(connection, &table.find_unique(field), bind, |row| {
        let mut columns = Columns::new(row);
        key(table, &mut columns)
    })
}

pub(super) fn find_request(connection: &Connection, caller: &str, id: &str) -> Result<Option<RequestRecord>> {
    let bind = |binder: &mut Binder<'_, '_>| {
        binder.text(caller)?;
        binder.text(id)
    };
    first(connection, text::FIND_REQUEST, bind, |row| {
        request(&mut Columns::new(row), caller.to_owned(), id.to_owned())
    })
}

fn request(columns: &mut Columns<'_>, caller: String, id: String) -> Result<RequestRecord> {
    let mut fingerprint = [0; 32];
    for (to, from) in fingerprint.iter_mut().zip(columns.bytes()?) {
        *to = *from;
    }
    Ok(RequestRecord {
        caller,
        id,
        fingerprint,
        at: columns.timestamp()?,
        status: u16::try_from(columns.integer()?).unwrap_or_default(),
        location: columns.optional_text()?,
        etag: columns.optional_text()?,
        data: columns.text()?.to_owned(),
    })
}

pub(super) fn requests(
    connection: &Connection,
    after: Option<(&str, &str)>,
    limit: u64,
) -> Result<Vec<RequestRecord>> {
    let mut statement = connection.prepare_cached(text::LIST_REQUESTS).map_err(failure::error)?;
    let mut binder = Binder::new(&mut statement);
    // No id is empty, so that all come after an empty one.
    let (caller, id) = after.unwrap_or_default();
    let bound = binder.text(caller).and_then(|()| binder.text(id));
    bound.and_then(|()| binder.integer(i64::try_from(limit).unwrap_or(i64::MAX))).map_err(failure::error)?;
    let mut rows = statement.raw_query();
    let mut requests = Vec::new();
    while let Some(row) = rows.next().map_err(failure::error)? {
        let mut columns = Columns::new(row);
        let (caller, id) = (columns.text()?.to_owned(), columns.text()?.to_owned());
        requests.push(request(&mut columns, caller, id)?);
    }
    Ok(requests)
}

pub(super) fn aged_changes(
    connection: &Connection,
    log: &Table,
    before: Timestamp,
    limit: u64,
) -> Result<Vec<(Path, i64)>> {
    let mut statement = connection.prepare_cached(&log.aged_changes()).map_err(failure::error)?;
    let mut binder = Binder::new(&mut statement);
    let bound = binder.timestamp(before);
    bound.and_then(|()| binder.integer(i64::try_from(limit).unwrap_or(i64::MAX))).map_err(failure::error)?;
    let mut rows = statement.raw_query();
    let mut aged = Vec::new();
    while let Some(row) = rows.next().map_err(failure::error)? {
        let mut columns = Columns::new(row);
        let path = key(log, &mut columns)?;
        aged.push((path, columns.integer()?));
    }
    Ok(aged)
}

/// The first row of a statement's answer.
pub(super) fn first<T>(
    connection: &Connection,
    sql: &str,
    bind: impl FnOnce(&mut Binder<'_, '_>) -> rusqlite::Result<()>,
    read: impl FnOnce(&SqliteRow<'_>) -> Result<T>,
) -> Result<Option<T>> {
    let mut statement = connection.prepare_cached(sql).map_err(failure::error)?;
    bind(&mut Binder::new(&mut statement)).map_err(failure::error)?;
    let mut rows = statement.raw_query();
    match rows.next().map_err(failure::error)? {
        Some(row) => read(row).map(Some),
        None => Ok(None),
    }
}

pub(super) fn expired(
    connection: &Connection,
    table: &Table,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<(Path, i64)>> {
    let mut statement = connection.prepare_cached(&table.expired()).map_err(failure::error)?;
    let mut binder = Binder::new(&mut statement);
    let bound = binder.timestamp(now);
    bound.and_then(|()| binder.integer(i64::try_from(limit).unwrap_or(i64::MAX))).map_err(failure::error)?;
    let mut rows = statement.raw_query();
    let mut expired = Vec::new();
    while let Some(row) = rows.next().map_err(failure::error)? {
        let mut columns = Columns::new(row);
        let path = key(table, &mut columns)?;
        expired.push((path, columns.integer()?));
    }
    Ok(expired)
}

/// What a scan is counted by, where its count can be kept. Of rows that can be soft-deleted only the live ones are counted.
fn count_key(table: &Table, scan: &Scan) -> Option<CountKey> {
    let is_part = !scan.equals.is_empty() || scan.filter.is_some() || !scan.search.is_empty();
    // Others may write an existing table, unseen.
    if is_part || table.existing.is_some() || table.is_soft != scan.live {
        return None;
    }
    let (parent, incarnation) = match &scan.scope {
        Scope::Across(_) => return None,
        Scope::Below(parent) => (parent.clone(), None),
        Scope::Changes(owner, incarnation) => (owner.clone(), Some(*incarnation)),
    };
    Some(CountKey { node: scan.node, parent, incarnation })
}

/// Whether the exact count of a scan needs no counting.
pub(super) fn is_count_known(table: &Table, counts: &Counts, scan: &Scan) -> bool {
    count_key(table, scan).is_some_and(|key| counts.get(&key, None).is_some())
}

/// The records of a page of which only `extent` was read must not be handed on but as excerpts.
pub(super) fn scan(
    connection: &Connection,
    table: &Table,
    counts: &Counts,
    scan: &Scan,
    extent: &Extent,
) -> Result<Page> {
    let limit = match scan.count {
        Count::None => return snapshot_of_page(connection, table, scan, extent),
        Count::UpTo(limit) => Some(limit),
        Count::Exact => None,
    };
    let key = count_key(table, scan);
    if let Some(total) = key.as_ref().and_then(|key| counts.get(key, limit)) {
        let mut page = snapshot_of_page(connection, table, scan, extent)?;
        page.total = Some(at_least(total, scan, &page, limit));
        return Ok(page);
    }
    let transaction;
    let mut counting = None;
    match &key {
        Some(key) => {
            let _gate = counts.gate();
            transaction = ReadTransaction::begin(connection)?;
            first(connection, text::TAKE_SNAPSHOT, |_| Ok(()), |_| Ok(()))?;
            counting = counts.start(key);
        }
        None => transaction = ReadTransaction::begin(connection)?,
    }
    let mut page = page(connection, table, scan, extent)?;
    let (counted, exact) = match complete(scan, &page) {
        Some(count) => (count, true),
        None => {
            let stop = limit.map(|limit| match key {
                Some(_) => limit.saturating_mul(SLACK).saturating_add(1),
                None => limit.saturating_add(1),
            });
            let counted = count(connection, table, scan, stop)?;
            (counted, stop.is_none_or(|stop| counted < stop))
        }
    };
    drop(transaction);
    page.total = cache::total(counted, exact, limit);
    if let Some(counting) = counting {
        counting.finish(counted, exact);
    }
    Ok(page)
}

/// The number of all elements, where the page has them all.
fn complete(scan: &Scan, page: &Page) -> Option<u64> {
    (scan.after.is_none() && scan.offset == 0 && !page.more).then_some(page.records.len() as u64)
}

/// A kept count may be one commit behind the page or ahead of it; it is never less than what the page shows.
fn at_least(total: Total, scan: &Scan, page: &Page, limit: Option<u64>) -> Total {
    match complete(scan, page) {
        Some(count) => cache::total(count, true, limit).unwrap_or(total),
        None => {
            let shown = page.records.len() as u64 + u64::from(page.more);
            if total.exact && total.count < shown {
                cache::total(shown, true, limit).unwrap_or(total)
            } else {
                total
            }
        }
    }
}

fn count(connection: &Connection, table: &Table, scan: &Scan, stop: Option<u64>) -> Result<u64> {
    let query = render::count(table, scan, stop)?;
    let counted =
        first(connection, &query.sql, |binder| binder.all(&query.binds), |row| Columns::new(row).integer())?;
    Ok(counted.and_then(|count| u64::try_from(count).ok()).unwrap_or_default())
}

/// A page of one snapshot; several ranges need a transaction for that.
fn snapshot_of_page(connection: &Connection, table: &Table, scan: &Scan, extent: &Extent) -> Result<Page> {
    let _transaction = match scan.after {
        Some(_) if !scan.order.is_empty() => Some(ReadTransaction::begin(connection)?),
        _ => None,
    };
    page(connection, table, scan, extent)
}

fn page(connection: &Connection, table: &Table, scan: &Scan, extent: &Extent) -> Result<Page> {
    let limit = usize::try_from(scan.limit).unwrap_or(usize::MAX);
    let mut reading = Reading {
        connection,
        table,
        scan,
        extent,
        records: Vec::with_capacity(limit.min(1_000)),
        skip: 0,
        bytes: 0,
    };
    let ranges = render::ranges(table, scan)?;
    // SQLite skips within one range; over several, rows are skipped while reading.
    let offset = if ranges.len() == 1 { scan.offset } else { 0 };
    reading.skip = scan.offset - offset;
    for range in &ranges {
        let wanted = limit - reading.records.len();
        let more = match range.walked_column(table, scan) {
            Some(column) => reading.walk(range, column, wanted)?,
            None => {
                let fetched = (wanted as u64).saturating_add(reading.skip).saturating_add(1);
                reading.read(&render::page(table, scan, extent, range, fetched, offset)?, wanted)?
            }
        };
        if more {
            return Ok(Page { records: reading.records, more: true, total: None });
        }
    }
    Ok(Page { records: reading.records, more: false, total: None })
}

/// Hands every row to the feed. One statement is one snapshot, however long its rows are waited for.
pub(super) fn export(
    connection: &Connection,
    table: &Table,
    scan: &Scan,
    extent: &Extent,
    feed: &mut Feed,
) -> Result<()> {
    let query = render::all(table, scan, extent)?;
    let mut statement = connection.prepare(&query.sql).map_err(failure::error)?;
    Binder::new(&mut statement).all(&query.binds).map_err(failure::error)?;
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next().map_err(failure::error)? {
        let record = listed(table, scan, extent, &mut Columns::new(row))?;
        let size = extent.size(&record);
        if feed.push(Excerpt::new(Arc::new(record), extent.clone()), size).is_err() {
            break;
        }
    }
    Ok(())
}

/// A page that is being read.
struct Reading<'a> {
    connection: &'a Connection,
    table: &'a Table,
    scan: &'a Scan,
    extent: &'a Extent,
    records: Vec<Arc<Record>>,
    skip: u64,
    /// How large the records are together.
    bytes: usize,
}

impl Reading<'_> {
    /// Reads up to `wanted` records; gives whether there is another one.
    fn read(&mut self, query: &Query<'_>, wanted: usize) -> Result<bool> {
        let end = self.records.len().saturating_add(wanted);
        let mut statement = self.connection.prepare_cached(&query.sql).map_err(failure::error)?;
        Binder::new(&mut statement).all(&query.binds).map_err(failure::error)?;
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next().map_err(failure::error)? {
            if self.skip > 0 {
                self.skip -= 1;
                continue;
            }
            if self.records.len() == end || self.bytes >= self.scan.bytes {
                return Ok(true);
            }
            let record = listed(self.table, self.scan, self.extent, &mut Columns::new(row))?;
            self.bytes += self.extent.size(&record);
            self.records.push(Arc::new(record));
        }
        Ok(false)
    }

    /// Reads a range that descends by `column` and ascends by id, which is the order of no index.
    ///
    /// SQLite would read and sort all rows of equal value before it gives the first. Instead the index is walked
    /// backwards without a second column: that tells the values and all rows of each but the last, whose rows are then
    /// read by id, which is the order of the index again.
    fn walk(&mut self, range: &Range<'_>, column: Column, wanted: usize) -> Result<bool> {
        if !self.extent.has(column) {
            return Err(Error::internal("a scan does not read the columns of its order"));
        }
        let (scan, extent) = (self.scan, self.extent);
        let first = self.records.len();
        let fetched = (wanted as u64).saturating_add(1);
        let is_cut =
            self.read(&render::walk(self.table, scan, extent, range, fetched)?, wanted.saturating_add(1))?;
        let is_full = is_cut || self.records.len() - first > wanted;
        let last = self.records.last().filter(|_| is_full).map(|record| column.value(record));
        if let Some(last) = &last {
            let whole = self.records[first..].partition_point(|record| column.value(record) != *last);
            let dropped = self.records.drain(first + whole..);
            self.bytes -= dropped.map(|record| self.extent.size(&record)).sum::<usize>();
        }
        for equal in self.records[first..].chunk_by_mut(|a, b| column.value(a) == column.value(b)) {
            equal.sort_by(|a, b| a.path.id().cmp(&b.path.id()));
        }
        let Some(last) = last else { return Ok(false) };
        let left = wanted - (self.records.len() - first);
        let range = range.of_equal(column, &last);
        self.read(&render::page(self.table, scan, extent, &range, (left as u64).saturating_add(1), 0)?, left)
    }
}

/// One snapshot for several statements; ends when it is dropped.
struct ReadTransaction<'a> {
    connection: &'a Connection,
}

impl<'a> ReadTransaction<'a> {
    fn begin(connection: &'a Connection) -> Result<Self> {
        run(connection, text::BEGIN_READ).map_err(failure::error)?;
        Ok(Self { connection })
    }
}

impl Drop for ReadTransaction<'_> {
    fn drop(&mut self) {
        // It wrote nothing; a failed end leaves a connection that fails at its next begin.
        let _ = run(self.connection, text::COMMIT);
    }
}

/// Runs a statement without values.
pub(super) fn run(connection: &Connection, sql: &str) -> rusqlite::Result<usize> {
    connection.prepare_cached(sql)?.raw_execute()
}

/// The single value of a query without values, if there is a row.
pub(super) fn ask(connection: &Connection, sql: &str) -> rusqlite::Result<Option<bool>> {
    connection.query_row(sql, [], |row| row.get(0)).optional()
}

/// Runs a statement that gives no rows; gives how many rows it changed.
pub(super) fn execute(
    connection: &Connection,
    sql: &str,
    bind: impl FnOnce(&mut Binder<'_, '_>) -> rusqlite::Result<()>,
) -> rusqlite::Result<usize> {
    let mut statement = connection.prepare_cached(sql)?;
    bind(&mut Binder::new(&mut statement))?;
    statement.raw_execute()
}
