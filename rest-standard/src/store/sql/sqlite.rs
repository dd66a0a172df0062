//! The statements that only SQLite is sent: transactions, statistics, the framework's own tables, and what the schema is read by.

use super::{
    quote,
    statements::{DELETION, Table},
};

/// Begins a transaction that reads one snapshot.
pub(crate) const BEGIN_READ: &str = "BEGIN DEFERRED";
/// Begins a transaction that writes.
pub(crate) const BEGIN_WRITE: &str = "BEGIN IMMEDIATE";
/// Ends a transaction.
pub(crate) const COMMIT: &str = "COMMIT";
/// Undoes a transaction.
pub(crate) const ROLLBACK: &str = "ROLLBACK";
/// Begins one batch of a group.
pub(crate) const SAVEPOINT: &str = "SAVEPOINT batch";
/// Undoes one batch of a group.
pub(crate) const ROLLBACK_BATCH: &str = "ROLLBACK TO batch";
/// Ends one batch of a group.
pub(crate) const RELEASE: &str = "RELEASE batch";

/// Gives whether the file has the framework's tables.
pub(crate) const HAS_META: &str =
    "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE \"type\" = 'table' AND \"name\" = '_meta')";
/// Gives how many tables the file has.
pub(crate) const COUNT_TABLES: &str = "SELECT count(*) FROM sqlite_schema WHERE \"type\" = 'table'";
/// What the file says of itself: format, service, creation time, secret.
pub(crate) const READ_META: &str =
    "SELECT \"format\", \"service\", \"created_at\", \"secret\" FROM \"_meta\" WHERE \"_one\" = 1";
/// Binds format, service, creation time, secret.
pub(crate) const INSERT_META: &str = "INSERT INTO \"_meta\" (\"_one\", \"format\", \"service\", \"created_at\", \"secret\") VALUES (1, ?1, ?2, ?3, ?4)";
/// Writes a page, to see whether the disk takes it. SQLite does not write a page whose bytes stay the same.
pub(crate) const PROBE: &str = "UPDATE \"_meta\" SET \"probe\" = 1 - \"probe\" WHERE \"_one\" = 1";
/// Reads something small, which makes a read transaction take its snapshot.
pub(crate) const TAKE_SNAPSHOT: &str = "SELECT \"format\" FROM \"_meta\"";

/// Takes the statistics that indexes are chosen by, from a sample of each index.
pub(crate) const TAKE_STATISTICS: &str = "PRAGMA analysis_limit = 400; ANALYZE";
/// Takes the statistics of tables that have none or have grown much; at the start.
pub(crate) const FIRST_STATISTICS: &str = "PRAGMA analysis_limit = 400; PRAGMA optimize = 0x10002";
/// The same before the file is closed.
pub(crate) const TIDY_STATISTICS: &str = "PRAGMA analysis_limit = 400; PRAGMA optimize";

/// Binds caller, id, fingerprint, time, status, location, etag, data.
pub(crate) const INSERT_REQUEST: &str = "INSERT INTO \"_requests\" (\"caller\", \"id\", \"fingerprint\", \"at\", \
     \"status\", \"location\", \"etag\", \"data\") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
/// Asks for the plan of a statement in place of its rows.
pub(crate) fn explain(sql: &str) -> String {
    ["EXPLAIN QUERY PLAN ", sql].concat()
}

/// Binds caller, id.
pub(crate) const FIND_REQUEST: &str = "SELECT \"fingerprint\", \"at\", \"status\", \"location\", \"etag\", \"data\" \
     FROM \"_requests\" WHERE \"caller\" = ?1 AND \"id\" = ?2";
/// Binds caller, id, limit; gives caller, id and what `FIND_REQUEST` gives.
pub(crate) const LIST_REQUESTS: &str = "SELECT \"caller\", \"id\", \"fingerprint\", \"at\", \"status\", \"location\", \"etag\", \"data\" \
     FROM \"_requests\" WHERE (\"caller\", \"id\") > (?1, ?2) ORDER BY \"caller\", \"id\" LIMIT ?3";
/// Looks at the oldest rows only, since rows stand in the order of their commits. Binds the time, the limit.
pub(crate) const FORGET_REQUESTS: &str = "DELETE FROM \"_requests\" WHERE \"_row\" IN \
     (SELECT \"_row\" FROM \"_requests\" ORDER BY \"_row\" LIMIT ?2) AND \"at\" < ?1";

/// Binds table, count; gives the number after the reserved ones.
pub(crate) const RESERVE_IDS: &str = "INSERT INTO \"_sequences\" (\"table\", \"next\") VALUES (?1, 1 + ?2) \
     ON CONFLICT (\"table\") DO UPDATE SET \"next\" = \"next\" + ?2 RETURNING \"next\"";
/// Gives back the end of a block that nobody used. Binds table, next, end.
pub(crate) const RETURN_IDS: &str =
    "UPDATE \"_sequences\" SET \"next\" = ?2 WHERE \"table\" = ?1 AND \"next\" = ?3";

/// Copies the database, compacted, as it is at one moment. Binds the new file.
pub(crate) const COPY: &str = "VACUUM INTO ?1";

/// The framework's own tables, which are created when the file is empty.
pub(crate) const FRAMEWORK_TABLES: &str = "
CREATE TABLE \"_meta\" (
  \"_one\" INTEGER PRIMARY KEY CHECK (\"_one\" = 1),
  \"format\" INTEGER NOT NULL,
  \"service\" TEXT NOT NULL,
  \"created_at\" TEXT NOT NULL,
  \"secret\" BLOB NOT NULL,
  \"probe\" INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE \"_columns\" (
  \"table\" TEXT NOT NULL,
  \"column\" TEXT NOT NULL,
  \"kind\" TEXT NOT NULL,
  PRIMARY KEY (\"table\", \"column\")
) STRICT, WITHOUT ROWID;
CREATE TABLE \"_requests\" (
  \"_row\" INTEGER PRIMARY KEY,
  \"caller\" TEXT NOT NULL,
  \"id\" TEXT NOT NULL,
  \"fingerprint\" BLOB NOT NULL,
  \"at\" TEXT NOT NULL,
  \"status\" INTEGER NOT NULL,
  \"location\" TEXT,
  \"etag\" TEXT,
  \"data\" TEXT NOT NULL,
  UNIQUE (\"caller\", \"id\")
) STRICT;
CREATE TABLE \"_sequences\" (
  \"table\" TEXT NOT NULL PRIMARY KEY,
  \"next\" INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
";

/// Gives each table and view, its `CREATE` statement, and whether it is a view.
pub(crate) const LIST_TABLES: &str =
    "SELECT \"name\", \"sql\", \"type\" = 'view' FROM sqlite_schema WHERE \"type\" IN ('table', 'view')";
/// Gives name, type, not null, default, position in the key, hidden. Binds the table.
pub(crate) const LIST_COLUMNS: &str = "SELECT \"name\", \"type\", \"notnull\", \"dflt_value\", \"pk\", \"hidden\" \
     FROM pragma_table_xinfo(?1)";
/// Gives index, unique, partial and column of each column of each index, in order. Binds the table.
pub(crate) const LIST_INDEXES: &str = "SELECT list.\"name\", list.\"unique\", list.\"partial\", info.\"name\" \
     FROM pragma_index_list(?1) AS list, pragma_index_info(list.\"name\") AS info ORDER BY list.\"seq\", info.\"seqno\"";
/// Gives number, table, column and referenced column of each column of each foreign key. Binds the table.
pub(crate) const LIST_FOREIGN_KEYS: &str =
    "SELECT \"id\", \"table\", \"from\", \"to\" FROM pragma_foreign_key_list(?1) ORDER BY \"id\", \"seq\"";
/// Gives table, column, kind.
pub(crate) const LIST_KINDS: &str = "SELECT \"table\", \"column\", \"kind\" FROM \"_columns\"";
/// Binds table, column, kind.
pub(crate) const RECORD_KIND: &str = "INSERT INTO \"_columns\" (\"table\", \"column\", \"kind\") VALUES (?1, ?2, ?3) \
     ON CONFLICT DO UPDATE SET \"kind\" = excluded.\"kind\"";
/// Binds table, column.
pub(crate) const FORGET_KIND: &str = "DELETE FROM \"_columns\" WHERE \"table\" = ?1 AND \"column\" = ?2";
/// Replaces a table's `CREATE` statement while the schema is writable. Binds the statement, the table.
pub(crate) const EDIT_TABLE: &str =
    "UPDATE sqlite_schema SET \"sql\" = ?1 WHERE \"type\" = 'table' AND \"name\" = ?2";

impl Table {
    /// Updates the given fields and the framework's columns; a row is never replaced, since columns that a newer
    /// release added must keep their values. Binds updated at and by, revision, with `counts` the change count, where rows
    /// can be soft-deleted deleted at and by and purge at, the fields, key, and with `at_revision` the revision that the
    /// row must have.
    pub(crate) fn update(&self, fields: &[usize], counts: bool, at_revision: bool) -> String {
        let mut text = self.start("UPDATE ");
        text.push(" SET \"updated_at\" = ")
            .bind()
            .push(", \"updated_by\" = ")
            .bind()
            .push(", \"_revision\" = ")
            .bind();
        if counts {
            text.push(", \"_changes\" = ").bind();
        }
        for column in DELETION.into_iter().filter(|_| self.is_soft) {
            text.push(", ").push(&quote(column)).push(" = ").bind();
        }
        for field in fields {
            text.push(", ").push(&quote(self.fields[*field].column)).push(" = ").bind();
        }
        text.push(" WHERE ");
        self.whole_key(&mut text);
        if at_revision {
            text.push(" AND \"_revision\" = ").bind();
        }
        text.finish()
    }

    /// Gives whether there is a row, with `live` one that is not soft-deleted, below an ancestor with `depth` ids, which
    /// with all ids is the row itself. Binds the ancestor's key.
    pub(crate) fn exists_below(&self, depth: usize, live: bool) -> String {
        let mut text = self.start("SELECT EXISTS (SELECT 1 FROM ");
        text.push(" WHERE ");
        self.push_key(&mut text, depth);
        if live && self.is_soft {
            text.push(" AND \"deleted_at\" IS NULL");
        }
        text.push(")");
        text.finish()
    }
}
