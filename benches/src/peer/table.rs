//! The SQL: tables, statements, and the rows for a comparison.

use rusqlite::{Connection, ErrorCode, OptionalExtension as _, Row, ToSql, params};
use uuid::Uuid;

use super::fault::Fault;
use super::item::{Item, ItemFields};
use super::query::ListQuery;
use crate::Failure;

/// Counting stops here.
pub(super) const MAX_COUNT: u32 = 10_000;

// Rows this short are faster to reach without a rowid: the primary key's tree holds them, so there is no second one to
// search. The recorded answers are too long for that, and go when they are old, which a rowid's order finds.
const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS items (
        id BLOB NOT NULL PRIMARY KEY,
        display_name TEXT NOT NULL,
        owner TEXT NOT NULL,
        volume INTEGER NOT NULL,
        serial_number TEXT NOT NULL,
        enabled INTEGER NOT NULL,
        weight INTEGER NOT NULL,
        created_at TEXT NOT NULL,
        updated_at TEXT NOT NULL,
        revision INTEGER NOT NULL,
        changes INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS changes (
        item_id BLOB NOT NULL,
        id INTEGER NOT NULL,
        created_at TEXT NOT NULL,
        request_id TEXT NOT NULL,
        method TEXT NOT NULL,
        patch TEXT NOT NULL,
        PRIMARY KEY (item_id, id)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS request_ids (
        sequence INTEGER PRIMARY KEY,
        request_id TEXT NOT NULL UNIQUE,
        fingerprint BLOB NOT NULL,
        created_at TEXT NOT NULL,
        status INTEGER NOT NULL,
        data TEXT NOT NULL,
        location TEXT,
        etag TEXT NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS settings (name TEXT NOT NULL PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
";

macro_rules! columns {
    () => {
        "id, display_name, owner, volume, serial_number, enabled, weight, created_at, updated_at, revision, changes"
    };
}

/// A page of items.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) items: Vec<Item>,
    /// Whether items follow.
    pub(super) more: bool,
    pub(super) count: Option<Count>,
}

/// How many items there are.
#[derive(Debug, Clone, Copy)]
pub(super) enum Count {
    Exact(u32),
    AtLeast(u32),
}

pub(super) fn create_all(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(SCHEMA)
}

/// The key that signs cursors, made once for each database so that cursors survive a restart.
pub(super) fn cursor_key(connection: &Connection) -> Result<Vec<u8>, Failure> {
    let mut fresh = [0; 32];
    getrandom::fill(&mut fresh)?;
    connection.execute("INSERT OR IGNORE INTO settings VALUES ('cursor_key', ?1)", [&fresh[..]])?;
    Ok(connection.query_row("SELECT value FROM settings WHERE name = 'cursor_key'", [], |row| row.get(0))?)
}

pub(super) fn find(connection: &Connection, id: Uuid) -> rusqlite::Result<Option<Item>> {
    let sql = concat!("SELECT ", columns!(), " FROM items WHERE id = ?1");
    connection.prepare_cached(sql)?.query_row([&id.as_bytes()[..]], item).optional()
}

/// The items after one, or the first ones.
pub(super) fn page(connection: &mut Connection, query: ListQuery) -> rusqlite::Result<Page> {
    // One more than asked for tells whether there is a next page.
    let wanted = query.limit + 1;
    // The page and its count must be of the same moment.
    let snapshot = connection.transaction()?;
    let mut items = match query.after {
        Some(id) => rows(&snapshot, "WHERE id > ?1", &[&&id.as_bytes()[..]], wanted),
        None => rows(&snapshot, "", &[], wanted),
    }?;
    let more = items.len() > query.limit;
    items.truncate(query.limit);
    let count = query.count.then(|| count(&snapshot)).transpose()?;
    snapshot.commit()?;
    Ok(Page { items, more, count })
}

fn rows(
    connection: &Connection,
    condition: &str,
    parameters: &[&dyn ToSql],
    limit: usize,
) -> rusqlite::Result<Vec<Item>> {
    // SQLite prepares a statement again whenever a bound LIMIT is set, so the number is part of the cached text.
    let sql =
        format!(concat!("SELECT ", columns!(), " FROM items {} ORDER BY id LIMIT {}"), condition, limit);
    let mut statement = connection.prepare_cached(&sql)?;
    statement.query_map(parameters, item)?.collect()
}

fn count(connection: &Connection) -> rusqlite::Result<Count> {
    // An exact count reads the whole table, however long it is.
    let sql = "SELECT count(*) FROM (SELECT 1 FROM items LIMIT 10001)";
    let counted = connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
    Ok(if counted > MAX_COUNT { Count::AtLeast(MAX_COUNT) } else { Count::Exact(counted) })
}

pub(super) fn insert(connection: &Connection, item: &Item) -> Result<(), Fault> {
    let sql =
        concat!("INSERT INTO items (", columns!(), ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)");
    let fields = &item.fields;
    let inserted = connection.prepare_cached(sql)?.execute(params![
        &item.id.as_bytes()[..],
        fields.display_name,
        fields.owner,
        fields.volume,
        fields.serial_number,
        fields.enabled,
        fields.weight,
        item.created_at,
        item.updated_at,
        item.revision.cast_signed(),
        item.changes,
    ]);
    match inserted {
        Ok(_) => Ok(()),
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
            Err(Fault::exists())
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) fn update(connection: &Connection, item: &Item) -> rusqlite::Result<()> {
    let sql = "UPDATE items SET display_name = ?2, owner = ?3, volume = ?4, serial_number = ?5, enabled = ?6, \
               weight = ?7, updated_at = ?8, revision = ?9, changes = ?10 WHERE id = ?1";
    let fields = &item.fields;
    connection.prepare_cached(sql)?.execute(params![
        &item.id.as_bytes()[..],
        fields.display_name,
        fields.owner,
        fields.volume,
        fields.serial_number,
        fields.enabled,
        fields.weight,
        item.updated_at,
        item.revision.cast_signed(),
        item.changes,
    ])?;
    Ok(())
}

/// Adds the item's latest change to its log.
pub(super) fn record_change(
    connection: &Connection,
    item: &Item,
    method: &str,
    patch: &str,
    request_id: &str,
) -> rusqlite::Result<()> {
    let sql = "INSERT INTO changes (item_id, id, created_at, request_id, method, patch) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    connection.prepare_cached(sql)?.execute(params![
        &item.id.as_bytes()[..],
        item.changes,
        item.updated_at,
        request_id,
        method,
        patch
    ])?;
    Ok(())
}

/// Fills an empty table in one transaction, as an import would.
pub(super) fn fill(connection: &mut Connection, rows: u64) -> Result<(), Failure> {
    let transaction = connection.transaction()?;
    let is_empty: bool =
        transaction.query_row("SELECT NOT EXISTS (SELECT 1 FROM items)", [], |row| row.get(0))?;
    if !is_empty {
        return Ok(());
    }
    for number in 0..rows {
        let fields = ItemFields::numbered(number)?;
        let patch = serde_json::to_string(&fields)?;
        let loaded = Item::new(Uuid::now_v7(), fields).and_then(|item| {
            insert(&transaction, &item)?;
            Ok(record_change(&transaction, &item, "Create", &patch, "import")?)
        });
        loaded.map_err(|fault| fault.description)?;
    }
    transaction.commit()?;
    Ok(())
}

fn item(row: &Row<'_>) -> rusqlite::Result<Item> {
    let revision: i64 = row.get(9)?;
    Ok(Item {
        id: Uuid::from_bytes(row.get(0)?),
        fields: ItemFields {
            display_name: row.get(1)?,
            owner: row.get(2)?,
            volume: row.get(3)?,
            serial_number: row.get(4)?,
            enabled: row.get(5)?,
            weight: row.get(6)?,
        },
        created_at: row.get(7)?,
        updated_at: row.get(8)?,
        revision: revision.cast_unsigned(),
        changes: row.get(10)?,
    })
}
