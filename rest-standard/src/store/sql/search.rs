//! The index of words that `$search` asks: one FTS5 table beside each table whose fields are searched.
//!
//! SQLite's own reading of a text decides nothing. A row of the index is the text of folded words, each behind the path of the
//! row's parent, so that a search below one parent does not look at the words of others; and of one that no word can be, the
//! row's own path, by which it is taken out. The index names rows by their keys, as SQLite may number the rows of a table anew.

use std::{collections::BTreeSet, fmt::Write as _, sync::Arc};

use super::{Text, quote};
use crate::{
    descriptor::FieldDescriptor,
    search,
    value::{Id, Path},
};

/// The column whose recorded kind says what the index was made of.
pub(crate) const COLUMN: &str = "words";

/// Begins a row's own path, and ends each id; neither is part of a word.
const ROW: char = '¶';
/// Begins the path of a row's parent, which each of its words stands behind.
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
    /// Binds the id, the text.
    pub(crate) insert: Arc<str>,
    /// Binds what to match.
    pub(crate) delete: Arc<str>,
}

impl Index {
    /// The index of a table with `keys` key columns; `None` where no field is searched.
    pub(crate) fn new(table: &str, keys: usize, fields: &[FieldDescriptor]) -> Option<Self> {
        if keys == 0 || !fields.iter().any(|field| field.search) {
            return None;
        }
        let name = index_name(table);
        let columns: Vec<&str> =
            fields.iter().filter(|field| field.search).map(|field| field.column).collect();
        let (letters, forms) = (char::UNICODE_VERSION, unicode_normalization::UNICODE_VERSION);
        let made_of =
            format!("words of {}, folded by {} {letters:?} {forms:?}", columns.join(", "), search::VERSION);
        let quoted = quote(&name);
        Some(Self {
            made_of,
            insert: format!("INSERT INTO {quoted} (\"id\", \"words\") VALUES (?1, ?2)").into(),
            delete: format!(
                "DELETE FROM {quoted} WHERE rowid IN (SELECT rowid FROM {quoted} WHERE {quoted} MATCH ?1)"
            )
            .into(),
            name,
        })
    }

    /// The statements that make it anew, without rows.
    pub(crate) fn create(&self) -> String {
        let name = quote(&self.name);
        // FTS5 leaves the table of ids behind, which it makes for contentless tables alone.
        let ids = quote(&format!("{}_content", self.name));
        // The words are folded already, so the tokenizer only has to part them: `ascii` takes whatever is beyond ASCII for
        // a letter. Which field has a word, and where, is never asked.
        format!(
            "DROP TABLE IF EXISTS {name}; DROP TABLE IF EXISTS {ids}; CREATE VIRTUAL TABLE {name} USING fts5(\"id\" UNINDEXED, \"words\", content='', \
             contentless_delete=1, contentless_unindexed=1, detail=none, tokenize='ascii')"
        )
    }

    /// Appends the condition that a row has the words. Binds what to match.
    pub(crate) fn push(&self, text: &mut Text) {
        let name = quote(&self.name);
        text.push(&format!(" AND \"id\" IN (SELECT \"id\" FROM {name} WHERE {name} MATCH ")).bind().push(")");
    }
}

/// The text of a row.
pub(crate) fn text(path: &Path, words: &BTreeSet<String>) -> String {
    let mut text = token(ROW, &path.0);
    let parent = path.0.split_last().map_or(&[][..], |(_, parent)| parent);
    let parent = token(PARENT, parent);
    for word in words {
        text.push(' ');
        text.push_str(&parent);
        text.push_str(word);
    }
    text
}

/// What matches the rows below `parent` that have a word with each of these beginnings.
pub(crate) fn found(parent: &Path, beginnings: &[String]) -> String {
    let parent = token(PARENT, &parent.0);
    let terms = beginnings.iter().map(|word| format!("\"{parent}{word}\" *"));
    terms.collect::<Vec<_>>().join(" AND ")
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
