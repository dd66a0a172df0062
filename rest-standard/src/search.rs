//! What words a text has, and how they are compared: the one reading of a text that every store searches by.
//!
//! A word is folded: compatibility characters are what they stand for (`ﬁ` is `fi`, `２` is `2`), diacritics go (`é` is `e`),
//! and so does the difference of case (`ẞ`, `ß` and `SS` are `ss`). Then a text is split at everything that Unicode does not
//! call alphabetic or numeric. A store that keeps words keeps these, so that no database's own reading decides what is found.

use std::collections::BTreeSet;

use serde_json::Value as Json;
use unicode_normalization::{
    UnicodeNormalization as _,
    char::{canonical_combining_class, is_combining_mark},
};

use crate::{
    descriptor::FieldDescriptor,
    value::{Row, Value},
};

/// The version of the folding; an index that was made with another is made anew.
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(crate) const VERSION: u32 = 2;

/// How many characters of a word are compared; an index takes no word of any length.
const LONGEST: usize = 255;

/// The folded words of a text, in its order.
#[must_use]
pub(crate) fn words(text: &str) -> Vec<String> {
    // Plain ASCII is its own normal form.
    if text.is_ascii() {
        let words = text.split(|char: char| !char.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        return words.map(|word| beginning(word).to_ascii_lowercase()).collect();
    }
    let folded: String = text
        .nfkd()
        .filter(|char| !is_diacritic(*char))
        // By way of the upper case, which is one for `σ` and `ς`, and of the lower case first, as `ẞ` is upper case already.
        // Character by character, so that a word's end decides nothing.
        .flat_map(char::to_lowercase)
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .nfkd()
        .filter(|char| !is_diacritic(*char))
        .collect();
    let words = folded.split(|char: char| !char.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(|word| beginning(word).to_owned()).collect()
}

/// As much of a word as is compared.
fn beginning(word: &str) -> &str {
    word.char_indices().nth(LONGEST).map_or(word, |(end, _)| &word[..end])
}

/// Marks that only change the letter before them. Vowel signs of Indic scripts are marks, too, and alphabetic.
fn is_diacritic(char: char) -> bool {
    canonical_combining_class(char) != 0 || (is_combining_mark(char) && !char.is_alphanumeric())
}

/// The folded words in the searchable fields of a row, each once.
#[must_use]
pub(crate) fn words_of(fields: &[FieldDescriptor], row: &Row) -> BTreeSet<String> {
    let values = fields.iter().zip(&row.0).filter(|(field, _)| field.search).map(|(_, value)| value);
    values.flat_map(words_in).collect()
}

fn words_in(value: &Value) -> Vec<String> {
    match value {
        Value::Text(text) => words(text),
        Value::Json(Json::Array(items)) => items.iter().filter_map(Json::as_str).flat_map(words).collect(),
        _ => Vec::new(),
    }
}

/// Whether each of `wanted` begins a word in the searchable fields of a row.
#[must_use]
pub(crate) fn finds(wanted: &[String], fields: &[FieldDescriptor], row: &Row) -> bool {
    if wanted.is_empty() {
        return true;
    }
    let words = words_of(fields, row);
    let begins = |wanted: &String| {
        // In the order of words, those that begin with a text follow the text.
        words.range::<String, _>(wanted..).next().is_some_and(|word| word.starts_with(wanted.as_str()))
    };
    wanted.iter().all(begins)
}

#[cfg(test)]
mod tests {
    use super::words;

    fn folded(text: &str) -> String {
        words(text).join(" ")
    }

    #[test]
    fn words_end_at_what_is_neither_letter_nor_digit() {
        for (text, expected) in [
            ("", ""),
            ("  ", ""),
            ("!?-_…—\u{1F514}", ""),
            ("Front door alarm", "front door alarm"),
            ("HA-0001/b_c", "ha 0001 b c"),
            ("don't", "don t"),
            ("3.5\u{B0}C", "3 5 c"),
            ("door\u{1F514}bell", "door bell"),
            ("東京タワー", "東京タワー"),
        ] {
            assert_eq!(folded(text), expected, "{text:?}");
        }
    }

    #[test]
    fn case_and_diacritics_make_no_difference() {
        for (one, other) in [
            ("Café", "CAFE"),
            ("e\u{301}te\u{301}", "été"),
            ("Straße", "STRASSE"),
            ("ẞ", "ss"),
            ("ΟΔΟΣ", "οδος"),
            ("οδοσ", "οδος"),
            ("Ἀθήνα", "αθηνα"),
            ("ᾳ", "Α"),
            ("İstanbul", "istanbul"),
            ("ISTANBUL", "ıstanbul"),
            ("Й", "и"),
            ("ﬁne", "FINE"),
            ("２４", "24"),
            ("Ａｂ", "ab"),
            ("ſ", "S"),
            ("Việt", "viet"),
        ] {
            assert_eq!(folded(one), folded(other), "{one:?} and {other:?}");
        }
    }

    #[test]
    fn letters_of_their_own_stay() {
        for (text, expected) in [("Øl", "øl"), ("łódź", "łodz"), ("हिन्दी", "हिनदी"), ("한국", "한국")]
        {
            assert_eq!(folded(text).chars().collect::<String>(), folded(expected), "{text:?}");
        }
        assert_ne!(folded("øl"), folded("ol"));
        assert_ne!(folded("के"), folded("का"), "vowels are no diacritics");
    }

    #[test]
    fn a_folded_text_folds_to_itself() {
        for char in (0..=u32::from(char::MAX)).filter_map(char::from_u32) {
            let once = folded(&format!("a{char}b"));
            assert_eq!(folded(&once), once, "{char:?}");
            assert!(once.chars().all(|char| char == ' ' || char.is_alphanumeric()), "{char:?}");
        }
    }
}
