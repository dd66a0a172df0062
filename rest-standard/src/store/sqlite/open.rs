//! Opening the file: the settings of each connection, and whether the file is this service's.

use std::{path::Path, time::Duration};

use jiff::Timestamp;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{Synchronous, failure, lock::refusal, query, value::Columns};
use crate::{
    error::{Error, Reason, Result},
    store::sql::{Dialect, record::Columns as _, schema::script, sqlite as text, time},
    tree::Tree,
};

/// `rest` in ASCII: what `PRAGMA application_id` says of a file of this framework.
pub(super) const APPLICATION_ID: i32 = 0x7265_7374;
/// The form of the framework's own tables and columns; a release reads its own and older ones.
const FORMAT: i64 = 1;

/// As many different statements as a service of some forty resources runs often.
const STATEMENTS: usize = 512;
const BUSY: Duration = Duration::from_secs(5);
/// The part of the file that is read through memory, which saves a copy of each page.
const MAPPED: i64 = 256 * 1024 * 1024;
/// The writer's page cache in KiB, negative as SQLite wants it.
const WRITER_CACHE: i64 = -32 * 1024;
const READER_CACHE: i64 = -8 * 1024;
/// The size that the write-ahead log is cut down to when it starts over.
const JOURNAL: i64 = 64 * 1024 * 1024;

/// What the file says of itself.
#[derive(Clone, Debug)]
pub(super) struct Meta {
    pub(super) created_at: Timestamp,
    pub(super) secret: [u8; 32],
}

/// Opens the connection that writes and looks whether the file is this service's. An empty file is; one with tables of somebody
/// else's may become so.
pub(super) fn writer(path: &Path, synchronous: Synchronous, service: &str) -> Result<Connection> {
    let explain = |failure: rusqlite::Error| explain(path, failure);
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(explain)?;
    let is_read_only = connection.is_readonly("main").map_err(explain)?;
    if is_read_only {
        return Err(refusal(format!(
            "the database `{}` cannot be written to: the file is read-only",
            path.display()
        )));
    }
    connection.busy_timeout(BUSY).map_err(explain)?;
    let is_foreign = check_owner(&connection, path, service)?;
    settings(&connection).map_err(explain)?;
    if !is_foreign {
        keep_log(&connection)?;
    }
    let synchronous = match synchronous {
        Synchronous::Full => "FULL",
        Synchronous::Normal => "NORMAL",
    };
    connection.pragma_update(None, "synchronous", synchronous).map_err(explain)?;
    connection.pragma_update(None, "foreign_keys", true).map_err(explain)?;
    connection.pragma_update(None, "cache_size", WRITER_CACHE).map_err(explain)?;
    connection.pragma_update(None, "journal_size_limit", JOURNAL).map_err(explain)?;
    // Checkpoints are paced by the writer.
    connection.pragma_update(None, "wal_autocheckpoint", 0).map_err(explain)?;
    Ok(connection)
}

/// Where a connection sorts what is in the order of no index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sorting {
    /// In memory: it sorts little.
    Memory,
    /// Beyond the page cache, in a temporary file.
    File,
}

/// Opens a connection that reads.
pub(super) fn reader(path: &Path, sorting: Sorting) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    settings(&connection)?;
    connection.pragma_update(None, "cache_size", READER_CACHE)?;
    if sorting == Sorting::File {
        connection.pragma_update(None, "temp_store", "FILE")?;
    }
    Ok(connection)
}

/// Opens a connection that copies the write-ahead log into the database.
pub(super) fn checkpointer(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    Ok(connection)
}

fn settings(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.pragma_update(None, "mmap_size", MAPPED)?;
    connection.pragma_update(None, "temp_store", "MEMORY")
}

/// Whether the file is somebody else's, with tables and without the framework's. It is left as it is until it is known whether the
/// service has resources in such tables.
fn check_owner(connection: &Connection, path: &Path, service: &str) -> Result<bool> {
    let explain = |failure: rusqlite::Error| explain(path, failure);
    let table_count: i64 = connection.query_row(text::COUNT_TABLES, [], |row| row.get(0)).map_err(explain)?;
    let has_meta: bool = connection.query_row(text::HAS_META, [], |row| row.get(0)).map_err(explain)?;
    if !has_meta {
        return Ok(table_count > 0);
    }
    let meta = connection.query_row(text::READ_META, [], |row| Ok((row.get(0)?, row.get(1)?)));
    let (format, owner): (i64, String) = meta.map_err(explain)?;
    if format > FORMAT {
        return Err(refusal(format!(
            "the database `{}` has the format {format}, and this release reads up to {FORMAT}; use the newer release \
             that wrote it",
            path.display()
        )));
    }
    if owner != service {
        return Err(refusal(format!(
            "the database `{}` belongs to the service `{owner}`, and this one is `{service}`; give it another file",
            path.display()
        )));
    }
    Ok(false)
}

/// Refuses a file of somebody else's in whose tables the service has no resources.
pub(super) fn check_foreign(connection: &Connection, tree: &Tree) -> Result<()> {
    let table_count: i64 =
        connection.query_row(text::COUNT_TABLES, [], |row| row.get(0)).map_err(failure::error)?;
    let has_existing = tree.nodes().iter().any(|node| node.descriptor.existing.is_some());
    if has_existing || table_count == 0 || !is_new(connection)? {
        return Ok(());
    }
    Err(refusal(format!(
        "the database `{}` is not the database of a rest-standard service; give the service another file, or declare its tables: \
         `#[resource(…, table = \"…\")]`",
        connection.path().unwrap_or_default()
    )))
}

/// Keeps a write-ahead log from here on. It stays so for whoever else opens the file.
pub(super) fn keep_log(connection: &Connection) -> Result<()> {
    let mode: String = connection
        .pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))
        .map_err(failure::error)?;
    if mode.eq_ignore_ascii_case("wal") {
        return Ok(());
    }
    Err(refusal(format!(
        "the database `{}` is on a file system that cannot keep a write-ahead log (journal mode `{mode}`)",
        connection.path().unwrap_or_default()
    )))
}

/// Makes the framework's tables where the file has none; in a transaction.
pub(super) fn prepare(connection: &Connection, service: &str, now: Timestamp) -> Result<Meta> {
    if is_new(connection)? {
        let secret = draw_secret()?;
        connection.execute_batch(text::FRAMEWORK_TABLES).map_err(failure::error)?;
        let id: i32 = connection
            .pragma_query_value(None, "application_id", |row| row.get(0))
            .map_err(failure::error)?;
        // A file of somebody else's may say already whose it is.
        if id == 0 {
            connection.pragma_update(None, "application_id", APPLICATION_ID).map_err(failure::error)?;
        }
        query::execute(connection, text::INSERT_META, |binder| {
            binder.integer(FORMAT)?;
            binder.text(service)?;
            binder.timestamp(now)?;
            binder.bytes(&secret)
        })
        .map_err(failure::error)?;
    }
    let meta = query::first(
        connection,
        text::READ_META,
        |_| Ok(()),
        |row| {
            let mut columns = Columns::new(row);
            let (_, _) = (columns.integer()?, columns.text()?);
            let (created_at, bytes) = (columns.timestamp()?, columns.bytes()?);
            let secret =
                bytes.try_into().map_err(|_| Error::internal("the stored secret is not 32 bytes long"))?;
            Ok(Meta { created_at, secret })
        },
    )?;
    meta.ok_or_else(|| Error::internal("the database has no row in `_meta`"))
}

/// Whether the file lacks the framework's tables.
pub(super) fn is_new(connection: &Connection) -> Result<bool> {
    let has_meta: bool =
        connection.query_row(text::HAS_META, [], |row| row.get(0)).map_err(failure::error)?;
    Ok(!has_meta)
}

/// What [`prepare`] does to a file without the framework's tables, as SQL.
pub(super) fn framework(service: &str, now: Timestamp) -> Result<Vec<String>> {
    let now = time::to_text(now);
    let mut script = vec![format!("PRAGMA application_id = {APPLICATION_ID};")];
    script.extend(script::framework(
        Dialect::Sqlite,
        text::FRAMEWORK_TABLES,
        FORMAT,
        service,
        &now,
        &draw_secret()?,
    ));
    Ok(script)
}

fn draw_secret() -> Result<[u8; 32]> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(|failure| Error::internal(failure.to_string()))?;
    Ok(secret)
}

/// A failure to open the file, in words for the operator.
pub(super) fn explain(path: &Path, cause: rusqlite::Error) -> Error {
    let path = path.display();
    let text = match cause.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => format!("the file `{path}` is not an SQLite database"),
        Some(ErrorCode::DatabaseCorrupt) => {
            format!("the database `{path}` is damaged; restore a backup, or try `sqlite3 {path} .recover`")
        }
        Some(ErrorCode::ReadOnly) => {
            format!("the database `{path}` cannot be written to: the file or its folder is read-only")
        }
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            format!(
                "the database `{path}` cannot be opened: look at the permissions of the file and its folder"
            )
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            format!("another program is writing to the database `{path}`")
        }
        Some(ErrorCode::DiskFull) => format!("the database `{path}` cannot be opened: the disk is full"),
        _ => format!("the database `{path}` cannot be opened"),
    };
    Error::new(Reason::Unavailable, format!("{text} ({cause})")).with_source(cause)
}
