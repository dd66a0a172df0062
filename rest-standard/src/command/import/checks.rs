//! What the checks of a table say of a column.

use crate::store::sql::{Dialect, schema::Found};

/// The texts that a check allows a column, in their order; `None` where there is no such check.
pub(super) fn texts(dialect: Dialect, table: &Found, column: &str) -> Option<Vec<String>> {
    lists(dialect, table, column).into_iter().map(|list| quoted(&list)).find(|texts| !texts.is_empty())
}

/// The numbers that a check allows a column.
pub(super) fn numbers(dialect: Dialect, table: &Found, column: &str) -> Option<Vec<i64>> {
    lists(dialect, table, column)
        .into_iter()
        .filter(|list| quoted(list).is_empty())
        .map(|list| {
            let words = list.split(|char: char| !char.is_ascii_digit());
            words.filter_map(|word| word.parse().ok()).collect::<Vec<i64>>()
        })
        .find(|numbers| !numbers.is_empty())
}

/// The lists of values that checks compare a column with, as SQL.
fn lists(dialect: Dialect, table: &Found, column: &str) -> Vec<String> {
    let definitions: Vec<&str> = match dialect {
        Dialect::Sqlite => vec![table.sql.as_str()],
        Dialect::Postgres => table.checks.values().map(String::as_str).collect(),
    };
    let mut lists = Vec::new();
    for definition in definitions {
        for (at, _) in definition.match_indices('(') {
            let text = &definition[at + 1..];
            let text = text.trim_start_matches(['(', ' ']);
            let Some(rest) = after_name(text, column) else { continue };
            // Postgres says the type of the column that it compares.
            let rest = rest.trim_start_matches([')', ' ']);
            let rest = rest.strip_prefix("::").map_or(rest, |rest| {
                rest.trim_start_matches(|char: char| char.is_alphanumeric() || char == ' ' || char == '_')
            });
            let rest = rest.trim_start();
            let list =
                ["IN (", "in (", "IN(", "in(", "= ANY ("].iter().find_map(|word| rest.strip_prefix(word));
            if let Some(list) = list {
                lists.push(up_to_end(list).to_owned());
            }
        }
    }
    lists
}

/// What follows the name of a column that a text begins with, in any quotes or in none.
fn after_name<'a>(text: &'a str, column: &str) -> Option<&'a str> {
    for (open, close) in [("\"", "\""), ("[", "]"), ("`", "`")] {
        if let Some(rest) = text.strip_prefix(open)
            && let Some(rest) = rest.strip_prefix(column)
        {
            return rest.strip_prefix(close);
        }
    }
    let (name, rest) = text.split_at_checked(column.len())?;
    let ends = rest.chars().next().is_none_or(|next| !next.is_alphanumeric() && next != '_');
    (name.eq_ignore_ascii_case(column) && ends).then_some(rest)
}

/// The text up to the parenthesis that closes it.
fn up_to_end(text: &str) -> &str {
    let mut depth = 0;
    let mut is_quoted = false;
    for (at, char) in text.char_indices() {
        match char {
            '\'' => is_quoted = !is_quoted,
            '(' if !is_quoted => depth += 1,
            ')' if !is_quoted && depth == 0 => return &text[..at],
            ')' if !is_quoted => depth -= 1,
            _ => {}
        }
    }
    text
}

/// The text literals of a list.
fn quoted(list: &str) -> Vec<String> {
    let mut texts = Vec::new();
    let mut rest = list;
    while let Some(start) = rest.find('\'') {
        rest = &rest[start + 1..];
        let mut text = String::new();
        loop {
            let Some(end) = rest.find('\'') else { return texts };
            text.push_str(&rest[..end]);
            rest = &rest[end + 1..];
            match rest.strip_prefix('\'') {
                Some(more) => {
                    text.push('\'');
                    rest = more;
                }
                None => break,
            }
        }
        texts.push(text);
    }
    texts
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn sqlite(sql: &str) -> Found {
        Found { sql: sql.to_owned(), ..Found::default() }
    }

    #[test]
    fn lists_of_texts_are_found_in_the_words_of_both_engines() {
        let table = sqlite(
            "CREATE TABLE t (\"State\" TEXT CHECK (\"State\" IN ('open', 'it''s (on)', 'shut')), n INTEGER)",
        );
        assert_eq!(
            texts(Dialect::Sqlite, &table, "State"),
            Some(vec!["open".to_owned(), "it's (on)".to_owned(), "shut".to_owned()])
        );
        assert_eq!(texts(Dialect::Sqlite, &table, "n"), None);
        let table = sqlite(
            "CREATE TABLE t (mode INT, check(mode in (0,1 , 2)), mode_of TEXT check (mode_of in ('a')))",
        );
        assert_eq!(numbers(Dialect::Sqlite, &table, "mode"), Some(vec![0, 1, 2]));
        assert_eq!(texts(Dialect::Sqlite, &table, "mode"), None);
        for definition in [
            "CHECK ((state = ANY (ARRAY['open'::text, 'shut'::text])))",
            "CHECK (((state)::text = ANY ((ARRAY['open'::character varying, 'shut'::character varying])::text[])))",
            "CHECK (((\"state\")::text = ANY (ARRAY[('open'::character varying)::text, ('shut'::character varying)::text])))",
        ] {
            let checks = HashMap::from([("c".to_owned(), definition.to_owned())]);
            let table = Found { checks, ..Found::default() };
            let found = texts(Dialect::Postgres, &table, "state");
            assert_eq!(found, Some(vec!["open".to_owned(), "shut".to_owned()]), "{definition}");
        }
        let checks = HashMap::from([(
            "c".to_owned(),
            "CHECK ((mode = ANY (ARRAY[(0)::bigint, (12)::bigint])))".to_owned(),
        )]);
        let table = Found { checks, ..Found::default() };
        assert_eq!(numbers(Dialect::Postgres, &table, "mode"), Some(vec![0, 12]));
    }
}
