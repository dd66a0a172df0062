//! The reads: a row, a page, a count, a request id.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio_postgres::Row;

use super::{
    failure,
    pool::Connections,
    session::{Question, Session, Use},
    value::{Columns, Param},
};
use crate::{
    error::{Error, Result},
    store::{
        Count, Excerpt, Extent, Feed, Page, Record, RequestRecord, Scan, Total,
        sql::{
            postgres::{CONFIRM_REQUEST, EXPLAIN, FIND_REQUEST, LIST_REQUESTS},
            record::{Columns as _, key, listed, record},
            render::{self, Query, Range},
            statements::Table,
        },
    },
    value::{Id, Path, Value},
};

/// How often a read is tried: connections that a server ended are met one by one.
const ATTEMPTS: u32 = 5;
/// How long to wait before the second attempt; each waits twice as long as the one before.
const PAUSE: Duration = Duration::from_millis(10);
/// As many rows as are sorted in the time that a walk to them can take.
const FEW: u64 = 1_000;
/// Limits of lists that many requests have, one more than a page has: pages by these are prepared once.
const USUAL_LIMITS: [u64; 7] = [1, 11, 21, 51, 101, 201, 1_001];

/// Asks questions, again on another connection where one was lost.
pub(super) async fn ask(connections: &Connections, questions: &[Question<'_>]) -> Result<Vec<Vec<Row>>> {
    let mut attempt = 1;
    loop {
        let mut session = Session::begin(connections).await?;
        match session.ask(questions).await {
            Ok(answers) => return Ok(answers),
            Err(cause) if failure::is_lost(&cause) && attempt < ATTEMPTS => {
                drop(session);
                tokio::time::sleep(PAUSE * 2_u32.pow(attempt - 1)).await;
                attempt += 1;
            }
            Err(cause) => return Err(failure::error(cause)),
        }
    }
}

/// The rows of one statement.
pub(super) async fn rows(connections: &Connections, question: Question<'_>) -> Result<Vec<Row>> {
    Ok(ask(connections, &[question]).await?.pop().unwrap_or_default())
}

/// A record of which only `extent` was read means nothing beyond that; it must not be handed on but as an excerpt.
pub(super) async fn read(
    connections: &Connections,
    table: &Table,
    path: &Path,
    extent: &Extent,
) -> Result<Option<Record>> {
    // A path of another length names nothing in this table.
    if path.0.len() != table.keys.len() {
        return Ok(None);
    }
    let params: Vec<_> = Param::key(path).collect();
    let question = match extent {
        Extent::Whole => Question::often(&*table.read, params),
        Extent::Only(_) => Question { sql: table.render_read(extent).into(), usage: Use::Once, params },
    };
    let found = rows(connections, question).await?;
    found.first().map(|row| record(table, path.clone(), extent, &mut Columns::new(row))).transpose()
}

pub(super) async fn read_all(
    connections: &Connections,
    table: &Table,
    paths: &[Path],
) -> Result<Vec<Option<Arc<Record>>>> {
    let fits = |path: &&Path| path.0.len() == table.keys.len();
    let questions: Vec<_> = paths
        .iter()
        .filter(fits)
        .map(|path| Question::often(&*table.read, Param::key(path).collect()))
        .collect();
    let answers = ask(connections, &questions).await?;
    let mut answers = answers.into_iter();
    let mut records = Vec::with_capacity(paths.len());
    for path in paths {
        let rows = if fits(&path) { answers.next().unwrap_or_default() } else { Vec::new() };
        let read = |row| record(table, path.clone(), &Extent::Whole, &mut Columns::new(row)).map(Arc::new);
        records.push(rows.first().map(read).transpose()?);
    }
    Ok(records)
}

pub(super) async fn read_change(
    connections: &Connections,
    table: &Table,
    path: &Path,
    incarnation: i64,
) -> Result<Option<Record>> {
    let Some((Id::Integer(id), owner)) = path.0.split_last() else { return Ok(None) };
    if path.0.len() != table.keys.len() {
        return Ok(None);
    }
    let mut params: Vec<_> = owner.iter().map(Param::id).collect();
    params.extend([Param::Integer(incarnation), Param::Integer(*id)]);
    let found = rows(connections, Question::often(&*table.read, params)).await?;
    found.first().map(|row| record(table, path.clone(), &Extent::Whole, &mut Columns::new(row))).transpose()
}

pub(super) async fn find_unique(
    connections: &Connections,
    table: &Table,
    field: usize,
    value: &Value,
) -> Result<Option<Path>> {
    let Some(declared) = table.fields.get(field).filter(|_| !value.is_null()) else { return Ok(None) };
    let params = vec![Param::field(declared.kind, value)];
    let found = rows(connections, Question::often(table.find_unique(field), params)).await?;
    found.first().map(|row| key(table, &mut Columns::new(row))).transpose()
}

/// The record of a request id, which lasts as its commit was meant to.
///
/// A server that was killed while it waited for its standby shows, once it is up again, what it had committed and nobody had
/// confirmed; a fail-over soon after would lose it. Who finds a record confirms it, so a write follows, whose commit waits for
/// the standby, and for all that was written before.
pub(super) async fn find_request(
    connections: &Connections,
    caller: &str,
    id: &str,
) -> Result<Option<RequestRecord>> {
    let params = || vec![Param::Text(caller), Param::Text(id)];
    if rows(connections, Question::often(FIND_REQUEST, params())).await?.is_empty() {
        return Ok(None);
    }
    // Between the two the server may be lost, and the next one not know the record: then it never was.
    let confirmed = rows(connections, Question::often(CONFIRM_REQUEST, params())).await?;
    let Some(row) = confirmed.first() else { return Ok(None) };
    request(&mut Columns::new(row), caller.to_owned(), id.to_owned()).map(Some)
}

fn request(columns: &mut Columns<'_>, caller: String, id: String) -> Result<RequestRecord> {
    let fingerprint = columns.bytes()?;
    Ok(RequestRecord {
        caller,
        id,
        fingerprint: fingerprint
            .try_into()
            .map_err(|_| Error::internal("a stored fingerprint is not 32 bytes long"))?,
        at: columns.timestamp()?,
        status: u16::try_from(columns.integer()?).unwrap_or_default(),
        location: columns.optional_text()?,
        etag: columns.optional_text()?,
        data: columns.text()?.to_owned(),
    })
}

pub(super) async fn requests(
    connections: &Connections,
    after: Option<(&str, &str)>,
    limit: u64,
) -> Result<Vec<RequestRecord>> {
    // No id is empty, so that all come after an empty one.
    let (caller, id) = after.unwrap_or_default();
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let params = vec![Param::Text(caller), Param::Text(id), Param::Integer(limit)];
    let found = rows(connections, Question::often(LIST_REQUESTS, params)).await?;
    let read = |row: &Row| {
        let mut columns = Columns::new(row);
        let (caller, id) = (columns.text()?.to_owned(), columns.text()?.to_owned());
        request(&mut columns, caller, id)
    };
    found.iter().map(read).collect()
}

pub(super) async fn aged_changes(
    connections: &Connections,
    log: &Table,
    before: Timestamp,
    limit: u64,
) -> Result<Vec<(Path, i64)>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let params = vec![Param::Timestamp(before), Param::Integer(limit)];
    let found = rows(connections, Question::often(log.aged_changes(), params)).await?;
    let read = |row: &Row| {
        let mut columns = Columns::new(row);
        Ok((key(log, &mut columns)?, columns.integer()?))
    };
    found.iter().map(read).collect()
}

pub(super) async fn expired(
    connections: &Connections,
    table: &Table,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<(Path, i64)>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let params = vec![Param::Timestamp(now), Param::Integer(limit)];
    let found = rows(connections, Question::often(table.expired(), params)).await?;
    let read = |row: &Row| {
        let mut columns = Columns::new(row);
        Ok((key(table, &mut columns)?, columns.integer()?))
    };
    found.iter().map(read).collect()
}

/// Whether the text of a page is one of few.
fn usage(scan: &Scan, extent: &Extent, fetched: u64) -> Use {
    let is_usual = *extent == Extent::Whole
        && scan.filter.is_none()
        && scan.search.is_empty()
        && scan.offset == 0
        && scan.equals.len() <= 1
        && scan.order.len() <= 1
        && USUAL_LIMITS.contains(&fetched);
    if is_usual { Use::Often } else { Use::Once }
}

/// The records of a page of which only `extent` was read must not be handed on but as excerpts.
pub(super) async fn scan(
    connections: &Connections,
    table: &Table,
    scan: &Scan,
    extent: &Extent,
) -> Result<Page> {
    let ranges = ranges(connections, table, scan).await?;
    let stop = match scan.count {
        Count::None => None,
        Count::UpTo(limit) => Some(Some(limit.saturating_add(1))),
        Count::Exact => Some(None),
    };
    let counting = stop.map(|stop| render::count(table, scan, stop)).transpose()?;
    let mut reading = Reading::new(table, scan, extent);
    let mut counted = None;
    match (ranges.as_slice(), &counting) {
        ([range], counting) => {
            let fetched = scan.limit.saturating_add(1);
            let page = render::page(table, scan, extent, range, fetched, scan.offset)?;
            let usage = usage(scan, extent, fetched);
            let mut questions =
                vec![Question { params: params(&page), sql: page.sql.as_str().into(), usage }];
            questions.extend(counting.as_ref().map(|count| {
                let is_usual = scan.filter.is_none() && scan.search.is_empty();
                let usage = if is_usual { Use::Often } else { Use::Once };
                Question { params: params(count), sql: count.sql.as_str().into(), usage }
            }));
            let answers = ask(connections, &questions).await?;
            let mut answers = answers.into_iter();
            reading.take(&answers.next().unwrap_or_default())?;
            counted = answers.next();
        }
        // Over several ranges, rows are skipped while reading.
        (ranges, counting) => {
            reading.skip = scan.offset;
            let mut session = Session::begin(connections).await?;
            session.read_snapshot().await.map_err(failure::error)?;
            for range in ranges {
                let wanted = reading.wanted();
                let fetched = wanted.saturating_add(reading.skip).saturating_add(1);
                let page = render::page(table, scan, extent, range, fetched, 0)?;
                let rows = session.rows_within(&page.sql, &params(&page)).await.map_err(failure::error)?;
                if reading.take(&rows)? {
                    break;
                }
            }
            if let Some(count) = counting {
                let rows = session.rows_within(&count.sql, &params(count)).await;
                counted = Some(rows.map_err(failure::error)?);
            }
            session.end_reading().await.map_err(failure::error)?;
        }
    }
    let mut page = reading.page;
    if let Some(rows) = counted {
        let count = rows.first().map(|row| Columns::new(row).integer()).transpose()?.unwrap_or_default();
        let count = u64::try_from(count).unwrap_or_default();
        page.total = Some(match scan.count {
            Count::UpTo(limit) if count > limit => Total { count: limit, exact: false },
            _ => Total { count, exact: true },
        });
    }
    Ok(page)
}

fn params<'a>(query: &'a Query<'a>) -> Vec<Param<'a>> {
    query.binds.iter().map(Param::bind).collect()
}

/// A page that is being read.
struct Reading<'a> {
    table: &'a Table,
    scan: &'a Scan,
    extent: &'a Extent,
    page: Page,
    skip: u64,
    /// How large the records are together.
    bytes: usize,
}

impl<'a> Reading<'a> {
    fn new(table: &'a Table, scan: &'a Scan, extent: &'a Extent) -> Self {
        let page = Page { records: Vec::new(), more: false, total: None };
        Self { table, scan, extent, page, skip: 0, bytes: 0 }
    }

    fn wanted(&self) -> u64 {
        self.scan.limit.saturating_sub(self.page.records.len() as u64)
    }

    /// Takes rows until the page is full; gives whether there is one more.
    fn take(&mut self, rows: &[Row]) -> Result<bool> {
        for row in rows {
            if self.skip > 0 {
                self.skip -= 1;
                continue;
            }
            if self.wanted() == 0 || self.bytes >= self.scan.bytes {
                self.page.more = true;
                return Ok(true);
            }
            let record = listed(self.table, self.scan, self.extent, &mut Columns::new(row))?;
            self.bytes += self.extent.size(&record);
            self.page.records.push(Arc::new(record));
        }
        Ok(false)
    }
}

/// The ranges of a page. Where few rows have the words of a search, they are found first.
async fn ranges<'a>(connections: &Connections, table: &Table, scan: &'a Scan) -> Result<Vec<Range<'a>>> {
    let mut ranges = render::ranges(table, scan)?;
    if scan.search.is_empty() {
        return Ok(ranges);
    }
    let counting = render::count_found(table, scan, FEW + 1)?;
    let question =
        Question { params: params(&counting), sql: counting.sql.as_str().into(), usage: Use::Once };
    let found = rows(connections, question).await?;
    let found = found.first().map(|row| Columns::new(row).integer()).transpose()?.unwrap_or_default();
    if u64::try_from(found).is_ok_and(|found| found <= FEW) {
        ranges.iter_mut().for_each(Range::find_first);
    }
    Ok(ranges)
}

/// What Postgres would do for each range of a page.
pub(super) async fn explain(connections: &Connections, table: &Table, scan: &Scan) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    for range in ranges(connections, table, scan).await? {
        let page = render::page(table, scan, &Extent::Whole, &range, scan.limit, 0)?;
        let sql = format!("{EXPLAIN}{}", page.sql);
        let question = Question { sql: sql.into(), usage: Use::Once, params: params(&page) };
        for row in rows(connections, question).await? {
            lines.push(Columns::new(&row).text()?.to_owned());
        }
    }
    Ok(lines)
}

/// Hands every row to the feed. One statement is one snapshot, however long its rows are waited for.
pub(super) async fn export(
    mut session: Session<'_>,
    table: &Table,
    scan: &Scan,
    extent: &Extent,
    feed: &mut Feed,
) -> Result<()> {
    use futures_util::StreamExt as _;

    let query = render::all(table, scan, extent)?;
    let mut rows = session.rows_one_by_one(&query.sql, &params(&query)).await.map_err(failure::error)?;
    while let Some(row) = rows.next().await {
        let row = row.map_err(failure::error)?;
        let record = listed(table, scan, extent, &mut Columns::new(&row))?;
        let size = extent.size(&record);
        if feed.send(Excerpt::new(Arc::new(record), extent.clone()), size).await.is_err() {
            return Ok(());
        }
    }
    drop(rows);
    session.end_reading().await.map_err(failure::error)
}
