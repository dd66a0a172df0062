//! Conditions as SQL.
//!
//! SQL knows a third value, the standard's logic does not. `NOT` is therefore carried down to the tests, and a negated
//! test says in words that null passes it. What is left are `AND` and `OR` over tests, where null counts as false.
//! A test that is not negated stays a plain comparison, which an index serves.

use super::{
    Dialect,
    json::Nested,
    render::{Bind, Builder, column_name, is_nullable},
    schema::Kind,
    statements::Table,
};
use crate::{
    codec::to_json,
    descriptor::FieldKind,
    error::Result,
    store::{Condition, Place, Test},
    value::Value,
};

impl<'a> Builder<'a> {
    /// Appends a condition, in parentheses where it needs them beside `AND` and `OR`.
    pub(super) fn filter(&mut self, table: &Table, condition: &'a Condition, negated: bool) -> Result<()> {
        match condition {
            Condition::Not(inner) => self.filter(table, inner, !negated),
            Condition::All(inner) => self.joined(table, inner, !negated, negated),
            Condition::Any(inner) => self.joined(table, inner, negated, negated),
            Condition::Test(place, test) => self.place(table, place, test, negated),
        }
    }

    /// By De Morgan's laws a negated conjunction is the disjunction of negations.
    fn joined(&mut self, table: &Table, conditions: &'a [Condition], all: bool, negated: bool) -> Result<()> {
        if conditions.is_empty() {
            self.text.push(if all { "TRUE" } else { "FALSE" });
            return Ok(());
        }
        self.text.push("(");
        for (at, condition) in conditions.iter().enumerate() {
            if at > 0 {
                self.text.push(if all { " AND " } else { " OR " });
            }
            self.filter(table, condition, negated)?;
        }
        self.text.push(")");
        Ok(())
    }

    fn place(&mut self, table: &Table, place: &'a Place, test: &'a Test, negated: bool) -> Result<()> {
        let column = column_name(table, place.column)?;
        if place.steps.is_empty() {
            let nullable = is_nullable(table, place.column);
            let stored = Stored { of: &column, kind: place.kind, is_nested: false };
            if negated && nullable && !matches!(test, Test::Present) {
                self.text.push("(").push(&column).push(" IS NULL OR ");
                self.test(table, &stored, test, true);
                self.text.push(")");
            } else {
                self.test(table, &stored, test, negated);
            }
            return Ok(());
        }
        // `EXISTS` is never null, so its negation is what the standard means.
        self.text.push(if negated { "NOT EXISTS (SELECT 1 FROM " } else { "EXISTS (SELECT 1 FROM " });
        let Nested { value } = self.nested(column, &place.steps, place.kind);
        self.test(table, &Stored { of: &value, kind: place.kind, is_nested: true }, test, false);
        self.text.push(")");
        Ok(())
    }

    /// Appends a test of a value; null where the value is.
    fn test(&mut self, table: &Table, stored: &Stored<'_>, test: &'a Test, negated: bool) {
        let not = |negated: bool| if negated { "NOT " } else { "" };
        match test {
            Test::Present => {
                self.text.push(stored.of).push(if negated { " IS NULL" } else { " IS NOT NULL" });
            }
            Test::Filled => {
                // An empty list or map has one text only.
                self.text
                    .push(stored.of)
                    .push(if negated { " IN " } else { " NOT IN " })
                    .push("('[]', '{}')");
            }
            Test::Equal(value) => self.compare(table, stored, if negated { " <> " } else { " = " }, value),
            Test::Less(value) => self.compare(table, stored, if negated { " >= " } else { " < " }, value),
            Test::AtMost(value) => self.compare(table, stored, if negated { " > " } else { " <= " }, value),
            Test::Greater(value) => self.compare(table, stored, if negated { " <= " } else { " > " }, value),
            Test::AtLeast(value) => self.compare(table, stored, if negated { " < " } else { " >= " }, value),
            Test::StartsWith(text) => {
                // A range, which an index serves; text is ordered by code point.
                let column = table.ordered_sql(stored.of.to_owned(), !stored.is_nested);
                self.text.push(not(negated)).push("(").push(&column).push(" >= ").bind();
                self.binds.push(Bind::Text(text.clone()));
                if let Some(end) = after_prefix(text) {
                    self.text.push(" AND ").push(&column).push(" < ").bind();
                    self.binds.push(Bind::Text(end));
                }
                self.text.push(")");
            }
            Test::EndsWith(text) => {
                let length = text.chars().count() as u64;
                let (start, sign) = match self.text.dialect {
                    Dialect::Sqlite => ("substr(", ", -"),
                    Dialect::Postgres => ("right(", ", "),
                };
                self.text.push(start).push(stored.of).push(sign).number(length).push(")");
                self.text.push(if negated { " <> " } else { " = " }).bind();
                self.binds.push(Bind::Text(text.clone()));
            }
            Test::Contains(text) => {
                let position = match self.text.dialect {
                    Dialect::Sqlite => "instr(",
                    Dialect::Postgres => "strpos(",
                };
                self.text.push(position).push(stored.of).push(", ").bind();
                self.text.push(if negated { ") = 0" } else { ") > 0" });
                self.binds.push(Bind::Text(text.clone()));
            }
        }
    }

    fn compare(&mut self, table: &Table, stored: &Stored<'_>, operator: &str, value: &'a Value) {
        if !stored.is_nested {
            // Whether a text equals another is no matter of its order, and has an index of the owner's.
            let is_ordered = matches!(stored.kind, FieldKind::Text) && ![" = ", " <> "].contains(&operator);
            self.text.push(&table.ordered_sql(stored.of.to_owned(), is_ordered)).push(operator);
            self.value(table, value);
            return;
        }
        match (stored.kind, value) {
            // Within JSON a variant is its name; the order is that of the numbers.
            (FieldKind::Enum(declared), Value::Integer(number)) => {
                let passes = |other: i64| match operator {
                    " = " => other == *number,
                    " < " => other < *number,
                    " <= " => other <= *number,
                    " > " => other > *number,
                    _ => other >= *number,
                };
                let names: Vec<_> =
                    declared.variants.iter().filter(|variant| passes(variant.number)).collect();
                self.text.push(stored.of).push(" IN (");
                self.text.join(&names, ", ", |text, _| {
                    text.bind();
                });
                self.text.push(")");
                self.binds.extend(names.iter().map(|variant| Bind::Text(variant.name.to_owned())));
            }
            // Wide integers are texts in JSON.
            (FieldKind::Integer { .. }, value) => {
                let integer = self.text.dialect.sql_type(Kind::Integer);
                self.text.push(&format!("CAST({} AS {integer})", stored.of)).push(operator).bind();
                self.binds.push(Bind::Value(value));
            }
            // Fractions end with their last digit that is not zero, so that without the `Z` text sorts as time does.
            (FieldKind::Timestamp, value) => {
                self.text.push("rtrim(").push(stored.of).push(", 'Z')").push(operator).bind();
                let text = to_json(FieldKind::Timestamp, value);
                let text = text.as_str().unwrap_or_default().trim_end_matches('Z').to_owned();
                self.binds.push(Bind::Text(text));
            }
            (FieldKind::Bytes, value) => {
                self.text.push(stored.of).push(operator).bind();
                let text = to_json(FieldKind::Bytes, value);
                self.binds.push(Bind::Text(text.as_str().unwrap_or_default().to_owned()));
            }
            (FieldKind::Uuid | FieldKind::Date, value) => {
                self.text.push(stored.of).push(operator).bind();
                let text = to_json(stored.kind, value);
                self.binds.push(Bind::Text(text.as_str().unwrap_or_default().to_owned()));
            }
            (_, value) => {
                self.text.push(stored.of).push(operator).bind();
                self.binds.push(Bind::Value(value));
            }
        }
    }
}

/// A value as SQL reads it.
struct Stored<'a> {
    of: &'a str,
    kind: FieldKind,
    /// Whether it comes out of JSON.
    is_nested: bool,
}

/// The least text above all that begin with `prefix`; `None` where there is none.
pub(super) fn after_prefix(prefix: &str) -> Option<String> {
    let mut chars: Vec<char> = prefix.chars().collect();
    while let Some(last) = chars.pop() {
        // The surrogates are no characters.
        let next = match last {
            '\u{D7FF}' => Some('\u{E000}'),
            last => char::from_u32(u32::from(last) + 1),
        };
        if let Some(next) = next {
            chars.push(next);
            return Some(chars.into_iter().collect());
        }
    }
    None
}
