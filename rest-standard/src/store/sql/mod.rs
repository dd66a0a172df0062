//! All SQL text: the statements of a tree's tables, the rendering of queries, and the schema with its comparison.
//!
//! Nothing here opens a connection or knows a driver. Values never become text; a statement says in which order they
//! are bound, and the driver's module binds them.

pub(crate) mod appends;
mod condition;
mod dialect;
pub(crate) mod existing;
#[cfg(feature = "postgres")]
pub(crate) mod guarded;
mod json;
pub(crate) mod look;
#[cfg(feature = "postgres")]
pub(crate) mod postgres;
pub(crate) mod record;
pub(crate) mod render;
pub(crate) mod schema;
#[cfg_attr(not(feature = "sqlite"), allow(dead_code, reason = "most of it is SQLite's index"))]
pub(crate) mod search;
#[cfg(feature = "sqlite")]
pub(crate) mod sqlite;
pub(crate) mod statements;
#[cfg(test)]
mod tests;
pub(crate) mod time;

use std::fmt::Write as _;

pub(crate) use self::dialect::Dialect;

/// A name as SQL text, whatever characters and keywords it consists of.
pub(crate) fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text literal, for the places of a schema where SQL takes no bound value.
pub(crate) fn quote_text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Names joined by commas, each quoted.
pub(crate) fn quote_list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(quote).collect::<Vec<_>>().join(", ")
}

/// A statement under construction that numbers its placeholders.
#[derive(Debug)]
pub(crate) struct Text {
    dialect: Dialect,
    sql: String,
    binds: usize,
}

impl Text {
    pub(crate) const fn new(dialect: Dialect) -> Self {
        Self { dialect, sql: String::new(), binds: 0 }
    }

    pub(crate) fn push(&mut self, sql: &str) -> &mut Self {
        self.sql.push_str(sql);
        self
    }

    /// Appends a number that is part of the text, such as a limit.
    pub(crate) fn number(&mut self, number: u64) -> &mut Self {
        let _ = write!(self.sql, "{number}");
        self
    }

    /// Appends the next placeholder.
    pub(crate) fn bind(&mut self) -> &mut Self {
        self.binds += 1;
        let sign = self.dialect.placeholder();
        let _ = write!(self.sql, "{sign}{}", self.binds);
        self
    }

    /// The next placeholder, for a place that the caller puts it in.
    pub(crate) fn placeholder(&mut self) -> String {
        self.binds += 1;
        format!("{}{}", self.dialect.placeholder(), self.binds)
    }

    /// Appends each item, with `separator` between them.
    pub(crate) fn join<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        separator: &str,
        mut each: impl FnMut(&mut Self, T),
    ) -> &mut Self {
        for (at, item) in items.into_iter().enumerate() {
            if at > 0 {
                self.push(separator);
            }
            each(self, item);
        }
        self
    }

    pub(crate) fn finish(self) -> String {
        self.sql
    }
}
