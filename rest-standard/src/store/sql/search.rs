//! The index of words that `$search` asks: in SQLite one FTS5 table beside each table whose fields are searched, in Postgres a
//! column of lexemes in that table.
//!
//! SQLite's own reading of a text decides nothing. A row of the index is the text of folded words, and two more that no word
//! can be: the row's own path, by which it is taken out, and its parent's, so that a search below one parent does not look at
//! the rows of others. The index names rows by their keys, as SQLite may number the rows of a table anew.

use std::{collections::BTreeSet, fmt::Write as _, sync::Arc};

use super::{Text, quote};
use crate::{
    descriptor::{FieldDescriptor, IdKind},
    search,
    value::{Id, Path},
};

/// The column whose recorded kind says what the index was made of.
pub(crate) const COLUMN: &str = "words";

/// The column in which Postgres keeps the words of a row.
pub(crate) const LEXEMES: &str = "_words";

/// What matches the rows that have a word with each of these beginnings, as a `tsquery`. A word is letters and digits, which
/// mean nothing between its quotes.
pub(crate) fn lexemes_found(beginnings: &[String]) -> String {
    beginnings.iter().map(|word| format!("'{word}':*")).collect::<Vec<_>>().join(" & ")
}

/// What an index is made of: the fields, and the way in which their words are folded.
pub(crate) fn made_of(fields: &[FieldDescriptor]) -> String {
    let columns: Vec<&str> = fields.iter().filter(|field| field.search).map(|field| field.column).collect();
    let (letters, forms) = (char::UNICODE_VERSION, unicode_normalization::UNICODE_VERSION);
    format!("words of {}, folded by {} {letters:?} {forms:?}", columns.join(", "), search::VERSION)
}

/// Begins a row's own path, and ends each id; neither is part of a word.
const ROW: char = '¶';
/// Begins the path of a row's parent.
const PARENT: char = '§';
const END: char = '¦';
/// Begins the number of a byte that is neither letter nor digit.
const ESCAPE: char = '·';

/// The name of the index of a table, which no table and no index of a column can have.
pub(crate) fn index_name(table: &str) -> String {
    format!("{table}.search.words")
}

/// The index of one table with its statements.
#[derive(Debug)]
pub(crate) struct Index {
    /// The plain name.
    pub(crate) name: String,
    /// What it is made of, recorded with it: another text means that it has to be made anew.
    pub(crate) made_of: String,
    /// The key columns of the table, each in quotes.
    keys: Vec<String>,
    /// Binds the key, the text.
    pub(crate) insert: Arc<str>,
    /// Binds what to match.
    pub(crate) delete: Arc<str>,
}

impl Index {
    /// The index of a table with these key columns; `None` where no field is searched.
    pub(crate) fn new(table: &str, keys: &[(String, IdKind)], fields: &[FieldDescriptor]) -> Option<Self> {
        if keys.is_empty() || !fields.iter().any(|field| field.search) {
            return None;
        }
        let name = index_name(table);
        let made_of = made_of(fields);
        let quoted = quote(&name);
        let keys: Vec<String> = keys.iter().map(|(column, _)| quote(column)).collect();
        let (named, bound) =
            (keys.join(", "), (1..=keys.len()).map(|at| format!("?{at}, ")).collect::<String>());
        let text = keys.len() + 1;
        Some(Self {
            made_of,
            insert: format!("INSERT INTO {quoted} ({named}, \"words\") VALUES ({bound}?{text})").into(),
            delete: format!(
                "DELETE FROM {quoted} WHERE rowid IN (SELECT rowid FROM {quoted} WHERE {quoted} MATCH ?1)"
            )
            .into(),
            keys,
            name,
        })
    }

    /// The statements that make it anew, without rows.
    pub(crate) fn create(&self) -> String {
        let name = quote(&self.name);
        // FTS5 leaves the table of ids behind, which it makes for contentless tables alone.
        let keys: String = self.keys.iter().map(|key| format!("{key} UNINDEXED, ")).collect();
        let ids = quote(&format!("{}_content", self.name));
        // The words are folded already, so the tokenizer only has to part them: `ascii` takes whatever is beyond ASCII for
        // a letter. Which field has a word, and where, is never asked.
        format!(
            "DROP TABLE IF EXISTS {name}; DROP TABLE IF EXISTS {ids}; CREATE VIRTUAL TABLE {name} USING fts5({keys}\"words\", content='', \
             contentless_delete=1, contentless_unindexed=1, detail=none, tokenize='ascii')"
        )
    }

    /// The text of a row.
    pub(crate) fn text(&self, path: &Path, words: &BTreeSet<String>) -> String {
        let mut text = token(ROW, &path.0);
        if self.keys.len() > 1
            && let Some((_, parent)) = path.0.split_last()
        {
            text.push(' ');
            text.push_str(&token(PARENT, parent));
        }
        for word in words {
            text.push(' ');
            text.push_str(word);
        }
        text
    }

    /// Appends the condition that a row has the words, of whose key the columns after the first `fixed` are open. Binds what to
    /// match.
    pub(crate) fn push(&self, text: &mut Text, fixed: usize) {
        let name = quote(&self.name);
        let open = self.keys[fixed.min(self.keys.len() - 1)..].join(", ");
        text.push(&format!(" AND ({open}) IN (SELECT {open} FROM {name} WHERE {name} MATCH "))
            .bind()
            .push(")");
    }

    /// What matches the rows that have a word with each of these beginnings, below `parent` or, where that is shorter than
    /// a parent's path, below all that it begins.
    pub(crate) fn found(&self, parent: &Path, beginnings: &[String]) -> String {
        let mut found = String::new();
        for word in beginnings {
            let _ = write!(found, "{}\"{word}\" *", if found.is_empty() { "" } else { " AND " });
        }
        if !parent.0.is_empty() {
            let is_beginning = if parent.0.len() + 1 < self.keys.len() { " *" } else { "" };
            let _ = write!(found, " AND \"{}\"{is_beginning}", token(PARENT, &parent.0));
        }
        found
    }
}

/// What matches the row at `path`.
pub(crate) fn row(path: &Path) -> String {
    format!("\"{}\"", token(ROW, &path.0))
}

/// What matches all rows below `path`.
pub(crate) fn below(path: &Path) -> String {
    format!("\"{}\" *", token(ROW, &path.0))
}

/// A path as one word: no two paths have the same, and no path's is a beginning of another's that is not below it.
fn token(kind: char, ids: &[Id]) -> String {
    let mut token = String::from(kind);
    for id in ids {
        for byte in id.to_string().bytes() {
            if byte.is_ascii_lowercase() || byte.is_ascii_digit() {
                token.push(char::from(byte));
            } else {
                let _ = write!(token, "{ESCAPE}{byte:02x}");
            }
        }
        token.push(END);
    }
    token
}
