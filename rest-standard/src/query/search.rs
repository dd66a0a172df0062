//! `$search`: which words the elements of a list must have.

use crate::search::words;

/// The longest search, in characters.
pub(crate) const LONGEST: usize = 256;
/// The most words.
pub(crate) const MOST_WORDS: usize = 16;

/// The folded words of a search.
///
/// # Errors
///
/// What is wrong with it: it is too long, or has no words or too many.
pub(super) fn parse(text: &str) -> Result<Vec<String>, String> {
    let length = text.chars().count();
    if length > LONGEST {
        return Err(format!("must have at most {LONGEST} characters, got {length}"));
    }
    let words = words(text);
    match words.len() {
        0 if text.is_empty() => {
            Err("must have a word, such as `lamp`; leave it out to list everything".to_owned())
        }
        0 => Err("must have a word, which is made of letters and digits; other characters only part words"
            .to_owned()),
        1..=MOST_WORDS => Ok(words),
        count => Err(format!("must have at most {MOST_WORDS} words, got {count}")),
    }
}
