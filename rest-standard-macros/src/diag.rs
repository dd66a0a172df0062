//! Where mistakes are collected, so that one run reports all of them.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;

use crate::code::Code;

/// One mistake: what is wrong, why, and what to write instead.
#[derive(Debug)]
pub(crate) struct Problem {
    tokens: TokenStream,
    text: String,
}

impl Problem {
    /// A mistake at `tokens`, the smallest piece of code that must change.
    pub(crate) fn at(code: Code, tokens: impl ToTokens, text: impl AsRef<str>) -> Self {
        Self { tokens: tokens.into_token_stream(), text: format!("[{}] {}", code.text(), text.as_ref()) }
    }

    /// What cannot be read at all, where the parser stopped.
    pub(crate) fn unreadable(error: &syn::Error) -> Self {
        Self::at(Code::Syntax, Ident::new("here", error.span()), error.to_string())
    }

    /// Adds the reason of the rule.
    pub(crate) fn note(self, reason: impl AsRef<str>) -> Self {
        self.line("note", reason.as_ref())
    }

    /// Adds what to write.
    pub(crate) fn help(self, way_out: impl AsRef<str>) -> Self {
        self.line("help", way_out.as_ref())
    }

    fn line(mut self, label: &str, text: &str) -> Self {
        self.text.push('\n');
        self.text.push_str(label);
        self.text.push_str(": ");
        self.text.push_str(text);
        self
    }

    fn to_compile_error(&self) -> TokenStream {
        syn::Error::new_spanned(&self.tokens, &self.text).to_compile_error()
    }
}

/// The mistakes of one declaration, or of one part of it.
///
/// A part has a sink of its own where a later complaint depends on it: "no `collection`" is noise beside a misspelt one.
#[derive(Debug)]
pub(crate) struct Sink {
    problems: Vec<Problem>,
    finished: bool,
}

impl Sink {
    pub(crate) fn new() -> Self {
        Self { problems: Vec::new(), finished: false }
    }

    pub(crate) fn push(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.problems.is_empty()
    }

    /// Takes over the mistakes of a part.
    pub(crate) fn absorb(&mut self, mut part: Self) {
        self.problems.append(&mut part.problems);
        part.finished = true;
    }

    /// The mistakes as `compile_error!` invocations; `None` where there are none.
    pub(crate) fn finish(mut self) -> Option<TokenStream> {
        self.finished = true;
        if self.problems.is_empty() {
            return None;
        }
        Some(self.problems.iter().map(Problem::to_compile_error).collect())
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        assert!(self.finished || std::thread::panicking(), "a sink was dropped with its mistakes unreported");
    }
}

/// "`a`, `b` or `c`", in the given order.
pub(crate) fn one_of(words: &[&str]) -> String {
    let quoted: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => quoted.concat(),
    }
}

/// The word of `known` that `found` was probably meant to be.
pub(crate) fn closest<'a>(found: &str, known: &[&'a str]) -> Option<&'a str> {
    let found = found.to_lowercase().replace('-', "_");
    known
        .iter()
        .map(|word| (distance(&found, word), *word))
        .min_by_key(|(edits, _)| *edits)
        .filter(|(edits, word)| *edits <= 2 && *edits * 2 < word.len().max(2))
        .map(|(_, word)| word)
}

/// The least number of insertions, deletions and replacements between two words.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (line, from) in left.chars().enumerate() {
        let mut diagonal = line;
        row[0] = line + 1;
        for (column, to) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}
