//! Questions about the rows of tables that the framework did not make; each is answered by one boolean.

use super::{Dialect, quote};

/// How SQLite's rows may write an instant or a date, for which it has no types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// `2026-11-21`
    Date,
    /// `2026-11-21 10:00:00`, with or without a fraction.
    Instant,
    /// An integer.
    Integer,
    /// An integer or a floating-point number.
    Number,
}

fn digits(count: usize) -> String {
    "[0-9]".repeat(count)
}

impl Form {
    /// The condition that a value has the form.
    fn condition(self, value: &str) -> String {
        let day = || format!("{}-{}-{}", digits(4), digits(2), digits(2));
        match self {
            Self::Date => format!("{value} GLOB '{}'", day()),
            Self::Instant => format!("{value} GLOB '{} {1}:{1}:{1}*'", day(), digits(2)),
            Self::Integer => format!("typeof({value}) = 'integer'"),
            Self::Number => format!("typeof({value}) IN ('integer', 'real')"),
        }
    }
}

/// Whether a table has rows.
pub(crate) fn has_rows(table: &str) -> String {
    format!("SELECT EXISTS (SELECT 1 FROM {})", quote(table))
}

/// Whether a column has a null.
pub(crate) fn has_null(table: &str, column: &str) -> String {
    format!("SELECT EXISTS (SELECT 1 FROM {} WHERE {} IS NULL)", quote(table), quote(column))
}

/// Whether a column has a value.
pub(crate) fn has_value(table: &str, column: &str) -> String {
    format!("SELECT EXISTS (SELECT 1 FROM {} WHERE {} IS NOT NULL)", quote(table), quote(column))
}

/// Whether a column of SQLite has a value that has not the form.
pub(crate) fn has_other_form(table: &str, column: &str, form: Form) -> String {
    let (table, column) = (quote(table), quote(column));
    let condition = form.condition(&column);
    format!("SELECT EXISTS (SELECT 1 FROM {table} WHERE {column} IS NOT NULL AND NOT ({condition}))")
}

/// The same of some rows, which tell how the others are written: all of a large table would make each start long.
pub(crate) fn some_have_other_form(table: &str, column: &str, form: Form) -> String {
    let (table, column) = (quote(table), quote(column));
    let condition = form.condition("\"held\"");
    format!(
        "SELECT EXISTS (SELECT 1 FROM (SELECT {column} AS \"held\" FROM {table} WHERE {column} IS NOT NULL LIMIT 1000) \
         WHERE NOT ({condition}))"
    )
}

/// Whether a column of texts has one that is no slug.
pub(crate) fn has_no_slug(dialect: Dialect, table: &str, column: &str) -> String {
    let (table, column) = (quote(table), quote(column));
    match dialect {
        Dialect::Sqlite => format!(
            "SELECT EXISTS (SELECT 1 FROM {table} WHERE {column} GLOB '*[^a-z0-9-]*' OR {column} GLOB '-*' OR \
             {column} GLOB '*-' OR length({column}) NOT BETWEEN 1 AND 63)"
        ),
        Dialect::Postgres => format!(
            "SELECT EXISTS (SELECT 1 FROM {table} WHERE {column}::text !~ '^[a-z0-9]([a-z0-9-]{{0,61}}[a-z0-9])?$')"
        ),
    }
}
