//! In what the SQL of SQLite and that of Postgres differ, as far as it is a matter of words.

use std::{borrow::Cow, fmt::Write as _};

use sha2::{Digest as _, Sha256};

use super::schema::Kind;
use crate::{descriptor::IdKind, store::Direction};

/// Whose SQL a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    #[cfg_attr(not(feature = "sqlite"), allow(dead_code, reason = "the other engine is left out"))]
    Sqlite,
    #[cfg_attr(not(feature = "postgres"), allow(dead_code, reason = "the other engine is left out"))]
    Postgres,
}

/// How many bytes of a name Postgres keeps; it cuts longer ones without a word.
const LONGEST_NAME: usize = 63;
/// How many digits stand for the rest of a name that is cut.
const DIGITS: usize = 8;

impl Dialect {
    /// What stands before the number of a bound value.
    pub(super) const fn placeholder(self) -> char {
        match self {
            Self::Sqlite => '?',
            Self::Postgres => '$',
        }
    }

    /// A name that the engine keeps as it is: a longer one ends with a digest of all of it.
    pub(crate) fn name(self, name: &str) -> Cow<'_, str> {
        if self == Self::Sqlite || name.len() <= LONGEST_NAME {
            return Cow::Borrowed(name);
        }
        let digest = Sha256::digest(name.as_bytes());
        let cut = name.floor_char_boundary(LONGEST_NAME - DIGITS - 1);
        let mut short = format!("{}~", &name[..cut]);
        for byte in &digest[..DIGITS / 2] {
            let _ = write!(short, "{byte:02x}");
        }
        Cow::Owned(short)
    }

    /// The key columns, whose names follow from those of collections.
    pub(super) fn keys(self, keys: Vec<(String, IdKind)>) -> Vec<(String, IdKind)> {
        keys.into_iter().map(|(name, kind)| (self.name(&name).into_owned(), kind)).collect()
    }

    /// The direction of a column in an order, in which null is lowest.
    pub(super) const fn direction(self, direction: Direction, is_nullable: bool) -> &'static str {
        match (self, direction, is_nullable) {
            (Self::Postgres, Direction::Ascending, true) => " NULLS FIRST",
            (Self::Postgres, Direction::Descending, true) => " DESC NULLS LAST",
            (_, Direction::Ascending, _) => "",
            (_, Direction::Descending, _) => " DESC",
        }
    }

    /// A limit as it stands in the text.
    ///
    /// SQLite prepares a statement with a bound limit again at each use, so that the number is part of the text; rounded up to
    /// a power of two, few texts are enough, and rows that nobody takes are not read. Postgres sends every row that it is
    /// asked for, and plans better with a number that it knows.
    pub(super) fn limit(self, limit: u64) -> u64 {
        let most = i64::MAX as u64;
        match self {
            Self::Sqlite => limit.max(1).checked_next_power_of_two().unwrap_or(most).min(most),
            Self::Postgres => limit.clamp(1, most),
        }
    }

    /// The type of a column.
    pub(crate) const fn sql_type(self, kind: Kind) -> &'static str {
        match (self, kind) {
            (
                Self::Sqlite,
                Kind::Text
                | Kind::Slug
                | Kind::Uuid
                | Kind::Timestamp
                | Kind::Date
                | Kind::Json
                | Kind::Document
                | Kind::Lexemes,
            ) => "TEXT",
            (Self::Sqlite, Kind::Integer | Kind::Boolean | Kind::Enum) => "INTEGER",
            (Self::Sqlite, Kind::Real) => "REAL",
            (Self::Sqlite, Kind::Bytes) => "BLOB",
            (Self::Postgres, Kind::Text | Kind::Slug) => "text",
            (Self::Postgres, Kind::Uuid) => "uuid",
            (Self::Postgres, Kind::Timestamp) => "timestamp with time zone",
            (Self::Postgres, Kind::Date) => "date",
            (Self::Postgres, Kind::Json) => "jsonb",
            (Self::Postgres, Kind::Document) => "json",
            (Self::Postgres, Kind::Integer | Kind::Enum) => "bigint",
            (Self::Postgres, Kind::Boolean) => "boolean",
            (Self::Postgres, Kind::Real) => "double precision",
            (Self::Postgres, Kind::Bytes) => "bytea",
            (Self::Postgres, Kind::Lexemes) => "tsvector",
        }
    }

    /// The same with the order of text, which is that of code points.
    pub(crate) const fn column_type(self, kind: Kind) -> &'static str {
        match (self, kind) {
            (Self::Postgres, Kind::Text | Kind::Slug) => "text COLLATE \"C\"",
            _ => self.sql_type(kind),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Dialect;

    #[test]
    fn names_that_postgres_would_cut_stay_apart() {
        let long = "a".repeat(64);
        let longer = "a".repeat(65);
        assert_eq!(Dialect::Postgres.name(&long[1..]), long[1..]);
        assert_eq!(Dialect::Sqlite.name(&long), long);
        let (short, shorter) = (Dialect::Postgres.name(&long), Dialect::Postgres.name(&longer));
        assert_eq!(short.len(), 63);
        assert_ne!(short, shorter);
        assert!(Dialect::Postgres.name(&"ä".repeat(60)).len() <= 63);
    }
}
