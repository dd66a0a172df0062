//! `$filter`: AIP-160 filters against what a list declares.
//!
//! `syntax` reads the text and knows nothing of fields; `check` gives names and values their types. What comes out is a
//! [`Condition`], which every store understands; the text never reaches a database.

mod check;
mod syntax;
#[cfg(test)]
mod tests;

pub(super) use self::syntax::{Name, paths};

use crate::{descriptor::Descriptor, store::Condition};

/// The longest filter, in bytes.
pub(crate) const LONGEST: usize = 4096;
/// How deep parentheses go.
pub(crate) const DEEPEST: usize = 32;
/// The most terms.
pub(crate) const MOST_TERMS: usize = 64;

/// What is wrong with a filter, and where.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// In characters from the filter's beginning.
    pub(crate) position: usize,
    /// What is wrong and what was expected.
    pub(crate) detail: String,
}

impl Problem {
    pub(super) fn new(position: usize, detail: impl Into<String>) -> Self {
        Self { position, detail: detail.into() }
    }
}

/// The condition that a filter stands for; `None` for one without terms.
///
/// # Errors
///
/// The first fault of its form, or all faults of its names and values.
pub(crate) fn parse(descriptor: &Descriptor, text: &str) -> Result<Option<Condition>, Vec<Problem>> {
    match syntax::parse(text).map_err(|problem| vec![problem])? {
        Some(expression) => check::check(descriptor, &expression).map(Some),
        None => Ok(None),
    }
}
