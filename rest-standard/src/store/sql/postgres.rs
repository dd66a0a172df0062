//! The statements that only Postgres is sent: transactions, the framework's own tables, and what the schema is read by.

/// Begins a transaction that reads one snapshot.
pub(crate) const BEGIN_READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
/// Begins a transaction that writes.
pub(crate) const BEGIN_WRITE: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";
/// Lets the statements of a transaction take as long as they need.
pub(crate) const NO_LIMIT: &str = "SET LOCAL statement_timeout = 0";

/// For a migration, whose statements may take long but wait for no lock longer than that: whoever wants the table waits behind it.
pub(crate) const MIGRATION_LIMITS: &str = "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 2000";
/// The settings of a session: its zone, how tables are read, and the limits of each statement, and of a transaction that hears
/// nothing, in milliseconds.
pub(crate) fn session_settings(statement: u128, idle: u128) -> String {
    // Existing tables may have instants without an offset, which are in UTC. Postgres leads all who read a large table to where
    // another one is; where many count the same rows at a time, they wait there for each other.
    format!(
        "SET TimeZone = 'UTC'; SET synchronize_seqscans = off; SET statement_timeout = {statement}; \
         SET idle_in_transaction_session_timeout = {idle}"
    )
}

/// What follows the beginning of a transaction that reads where sessions have no settings of their own.
pub(crate) const READING_SETTINGS: &str = "; SET LOCAL synchronize_seqscans = off";

/// Asks what a statement would do.
pub(crate) const EXPLAIN: &str = "EXPLAIN (COSTS OFF) ";
/// Ends a transaction.
pub(crate) const COMMIT: &str = "COMMIT";
/// Undoes a transaction.
pub(crate) const ROLLBACK: &str = "ROLLBACK";
/// Demands what never holds.
pub(crate) const NEVER: &str = "SELECT 1 / 0";
/// Begins one statement that may be undone.
pub(crate) const SAVEPOINT: &str = "SAVEPOINT step";
/// Undoes it.
pub(crate) const ROLLBACK_STEP: &str = "ROLLBACK TO SAVEPOINT step";
/// Keeps it.
pub(crate) const RELEASE: &str = "RELEASE SAVEPOINT step";

/// The framework's own tables, each made where it is not there.
pub(crate) const FRAMEWORK_TABLES: &str = "
CREATE TABLE IF NOT EXISTS \"_meta\" (
  \"_one\" bigint PRIMARY KEY CHECK (\"_one\" = 1),
  \"format\" bigint NOT NULL,
  \"service\" text NOT NULL,
  \"created_at\" timestamp with time zone NOT NULL,
  \"secret\" bytea NOT NULL,
  \"probe\" bigint NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS \"_columns\" (
  \"table\" text COLLATE \"C\" NOT NULL,
  \"column\" text COLLATE \"C\" NOT NULL,
  \"kind\" text NOT NULL,
  PRIMARY KEY (\"table\", \"column\")
);
CREATE TABLE IF NOT EXISTS \"_requests\" (
  \"caller\" text COLLATE \"C\" NOT NULL,
  \"id\" text COLLATE \"C\" NOT NULL,
  \"fingerprint\" bytea NOT NULL,
  \"at\" timestamp with time zone NOT NULL,
  \"status\" bigint NOT NULL,
  \"location\" text,
  \"etag\" text,
  \"data\" text NOT NULL,
  PRIMARY KEY (\"caller\", \"id\")
);
CREATE INDEX IF NOT EXISTS \"_requests.at\" ON \"_requests\" (\"at\");
CREATE TABLE IF NOT EXISTS \"_sequences\" (
  \"table\" text COLLATE \"C\" PRIMARY KEY,
  \"next\" bigint NOT NULL
);
";

/// Gives the version as a number, the encoding, and the schema that tables are made in; null where there is none.
pub(crate) const READ_SERVER: &str = "SELECT current_setting('server_version_num')::bigint, current_setting('server_encoding'), current_schema()::text";
/// Gives the names of the tables and views of the schema, each with whether it is a view.
pub(crate) const LIST_TABLES: &str = "SELECT c.relname::text, c.relkind NOT IN ('r', 'p') FROM pg_class c \
     JOIN pg_namespace n ON n.oid = c.relnamespace \
     WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition";
/// Gives, of all tables of the schema, table, name, type with its collation, not null, default, position in the key,
/// whether it is computed.
pub(crate) const LIST_COLUMNS: &str = "SELECT c.relname::text, a.attname::text, \
     format_type(a.atttypid, a.atttypmod) || coalesce(' COLLATE ' || quote_ident(l.collname), ''), \
     a.attnotnull, pg_get_expr(d.adbin, d.adrelid), \
     coalesce(array_position(k.conkey, a.attnum), 0)::bigint, a.attgenerated <> '' OR a.attidentity <> '' \
     FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
     LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum \
     LEFT JOIN pg_collation l ON l.oid = a.attcollation \
     LEFT JOIN pg_constraint k ON k.conrelid = a.attrelid AND k.contype = 'p' \
     WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition \
     AND a.attnum > 0 AND NOT a.attisdropped ORDER BY c.relname, a.attnum";
/// Gives, of all tables of the schema, table, index, unique, partial or not valid, and the column at each place, in order; null for
/// an expression.
pub(crate) const LIST_INDEXES: &str = "SELECT c.relname::text, i.relname::text, x.indisunique, \
     x.indpred IS NOT NULL OR NOT x.indisvalid, a.attname::text \
     FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
     JOIN pg_class i ON i.oid = x.indexrelid \
     CROSS JOIN LATERAL generate_series(0, x.indnkeyatts - 1) AS s(place) \
     LEFT JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = x.indkey[s.place] AND a.attnum > 0 \
     WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND NOT c.relispartition \
     ORDER BY c.relname, i.relname, s.place";
/// Gives, of all tables of the schema, table, constraint, the table it refers to, and the column here and there at each place.
pub(crate) const LIST_FOREIGN_KEYS: &str = "SELECT c.relname::text, k.conname::text, f.relname::text, a.attname::text, b.attname::text \
     FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
     JOIN pg_class f ON f.oid = k.confrelid \
     CROSS JOIN LATERAL generate_subscripts(k.conkey, 1) AS s(place) \
     JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[s.place] \
     JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = k.confkey[s.place] \
     WHERE k.contype = 'f' AND n.nspname = current_schema() AND NOT c.relispartition AND k.conparentid = 0 \
     ORDER BY c.relname, k.conname, s.place";
/// Gives, of all tables of the schema, table, name and definition of each check.
pub(crate) const LIST_CHECKS: &str = "SELECT c.relname::text, k.conname::text, pg_get_constraintdef(k.oid) \
     FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
     WHERE k.contype = 'c' AND n.nspname = current_schema() AND NOT c.relispartition";
/// Gives the types of the schema that are lists of names, each name in a row, in their order.
pub(crate) const LIST_ENUMS: &str = "SELECT format_type(t.oid, NULL), e.enumlabel::text FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid \
     ORDER BY t.oid, e.enumsortorder";
/// Gives table, column, kind.
pub(crate) const LIST_KINDS: &str = "SELECT \"table\", \"column\", \"kind\" FROM \"_columns\"";
/// Binds table, column, kind.
pub(crate) const RECORD_KIND: &str = "INSERT INTO \"_columns\" (\"table\", \"column\", \"kind\") VALUES ($1, $2, $3) \
     ON CONFLICT (\"table\", \"column\") DO UPDATE SET \"kind\" = excluded.\"kind\"";
/// Binds table, column.
pub(crate) const FORGET_KIND: &str = "DELETE FROM \"_columns\" WHERE \"table\" = $1 AND \"column\" = $2";

/// What the database says of itself: format, service, creation time, secret. Keeps others from migrating until the commit.
pub(crate) const READ_META: &str =
    "SELECT \"format\", \"service\", \"created_at\", \"secret\" FROM \"_meta\" WHERE \"_one\" = 1 FOR UPDATE";
/// Binds format, service, creation time, secret.
pub(crate) const INSERT_META: &str = "INSERT INTO \"_meta\" (\"_one\", \"format\", \"service\", \"created_at\", \"secret\") \
     VALUES (1, $1, $2, $3, $4) ON CONFLICT (\"_one\") DO NOTHING";
/// Writes something, to see whether a commit goes through.
pub(crate) const PROBE: &str = "UPDATE \"_meta\" SET \"probe\" = 1 - \"probe\" WHERE \"_one\" = 1";
/// Binds caller, id, fingerprint, time, status, location, etag, data.
pub(crate) const INSERT_REQUEST: &str = "INSERT INTO \"_requests\" (\"caller\", \"id\", \"fingerprint\", \"at\", \
     \"status\", \"location\", \"etag\", \"data\") VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
/// Binds caller, id.
pub(crate) const FIND_REQUEST: &str = "SELECT \"fingerprint\", \"at\", \"status\", \"location\", \"etag\", \"data\" \
     FROM \"_requests\" WHERE \"caller\" = $1 AND \"id\" = $2";
/// Writes a record as it is, so that the commit waits for what the record's own commit waited for, and gives what `FIND_REQUEST`
/// gives. Binds caller, id.
pub(crate) const CONFIRM_REQUEST: &str = "UPDATE \"_requests\" SET \"status\" = \"status\" WHERE \"caller\" = $1 AND \"id\" = $2 \
     RETURNING \"fingerprint\", \"at\", \"status\", \"location\", \"etag\", \"data\"";
/// Binds caller, id, limit; gives caller, id and what `FIND_REQUEST` gives.
pub(crate) const LIST_REQUESTS: &str = "SELECT \"caller\", \"id\", \"fingerprint\", \"at\", \"status\", \"location\", \"etag\", \"data\" \
     FROM \"_requests\" WHERE (\"caller\", \"id\") > ($1, $2) ORDER BY \"caller\", \"id\" LIMIT $3";
/// Forgets some of the oldest, but none that another replica forgets, and gives how many. Binds the time, the limit.
pub(crate) const FORGET_REQUESTS: &str = "WITH \"gone\" AS (DELETE FROM \"_requests\" WHERE (\"caller\", \"id\") IN (SELECT \"caller\", \"id\" \
     FROM \"_requests\" WHERE \"at\" < $1 ORDER BY \"at\" LIMIT $2 FOR UPDATE SKIP LOCKED) RETURNING 1) SELECT count(*) FROM \"gone\"";
/// Binds table, count; gives the number after the reserved ones.
pub(crate) const RESERVE_IDS: &str = "INSERT INTO \"_sequences\" (\"table\", \"next\") VALUES ($1, 1 + $2) \
     ON CONFLICT (\"table\") DO UPDATE SET \"next\" = \"_sequences\".\"next\" + $2 RETURNING \"next\"";
/// Gives back the end of a block that nobody used. Binds table, next, end.
pub(crate) const RETURN_IDS: &str =
    "UPDATE \"_sequences\" SET \"next\" = $2 WHERE \"table\" = $1 AND \"next\" = $3";

/// Whether a statement adds a row and reads none: what reads as well would not see what is written in the same statement.
pub(crate) fn is_plain_insert(sql: &str) -> bool {
    sql.starts_with("INSERT INTO ") && !sql.contains("SELECT ")
}

/// Whether a statement reads rows.
pub(crate) fn is_read(sql: &str) -> bool {
    sql.starts_with("SELECT ")
}
