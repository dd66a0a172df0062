//! The steps to a declaration as SQL that an operator can read, keep, and run.

use super::{Plan, quote_text};
use crate::store::sql::Dialect;

impl Plan {
    /// What the plan does, in order; each ends with a semicolon.
    pub(crate) fn script(&self) -> Vec<String> {
        let edits = self.edits.iter().map(|(table, sql)| {
            format!(
                "-- the checks of `{table}` grow, which leaves every row as it is:\nPRAGMA writable_schema = ON;\n\
                 UPDATE sqlite_schema SET \"sql\" = {} WHERE \"type\" = 'table' AND \"name\" = {};\n\
                 PRAGMA writable_schema = RESET;",
                quote_text(sql),
                quote_text(table)
            )
        });
        let statements = self.statements.iter().map(|sql| format!("{};", sql.trim_end_matches(';')));
        let kinds = self.kinds.iter().map(|(table, column, kind)| record(table, column, kind.name()));
        edits.chain(statements).chain(kinds).collect()
    }
}

/// Records what a column holds.
pub(crate) fn record(table: &str, column: &str, kind: &str) -> String {
    format!(
        "INSERT INTO \"_columns\" (\"table\", \"column\", \"kind\") VALUES ({}, {}, {}) \
         ON CONFLICT (\"table\", \"column\") DO UPDATE SET \"kind\" = excluded.\"kind\";",
        quote_text(table),
        quote_text(column),
        quote_text(kind)
    )
}

/// Makes the framework's tables, whose statements are given, in an empty database.
pub(crate) fn framework(
    dialect: Dialect,
    tables: &str,
    format: i64,
    service: &str,
    now: &str,
    secret: &[u8],
) -> Vec<String> {
    let digits: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    let secret = match dialect {
        Dialect::Sqlite => format!("x'{digits}'"),
        Dialect::Postgres => format!("'\\x{digits}'"),
    };
    let mut script = vec![tables.trim().to_owned()];
    script.push(format!(
        "-- the last value is the key of page cursors, which is a secret\n\
         INSERT INTO \"_meta\" (\"_one\", \"format\", \"service\", \"created_at\", \"secret\") VALUES (1, {format}, {}, {}, {secret});",
        quote_text(service),
        quote_text(now)
    ));
    script
}

/// What SQL cannot do: words are made by the library.
pub(crate) fn words(table: &str) -> String {
    format!("-- the words of `{table}` are made anew from its rows, by `migrate apply` or a start")
}
