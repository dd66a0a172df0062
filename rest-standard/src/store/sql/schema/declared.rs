//! The changes that a declaration names: a column that was called otherwise, that held values of another kind, or that is to go.
//!
//! They take something away from the release that runs beside, or from the rows. So a start does not make them; it is
//! refused with their SQL, and `migrate apply` makes them. No value is lost by a conversion: a row whose value has no
//! counterpart of the new kind stops it, and nothing is changed.

use super::{
    Column, Dialect, Kind, Table, check_name,
    compare::{Found, FoundColumn, FoundIndex},
    mend::{forget_kind, placeholder, record_kind},
    number_list, numbers, quote, quote_text, unique_index,
};

/// A change that a declaration names and that is not made yet.
#[derive(Debug)]
pub(crate) struct Change {
    /// In words.
    pub(crate) what: String,
    /// The statements that make it, in order.
    pub(crate) statements: Vec<String>,
    /// What finds the rows whose value would be lost: a table and a condition.
    lossy: Option<String>,
}

impl Change {
    /// The statements under what they do.
    pub(crate) fn script(&self) -> String {
        format!("-- {}\n{}", self.what, self.statements.join("\n"))
    }

    /// The query that gives whether a value would be lost; `None` where none can be.
    pub(crate) fn question(&self) -> Option<String> {
        self.lossy.as_ref().map(|rows| format!("SELECT EXISTS (SELECT 1 FROM {rows})"))
    }

    /// Why it is refused where a value would be lost.
    pub(crate) fn loss(&self) -> String {
        let rows = self.lossy.as_deref().unwrap_or_default();
        format!(
            "{}: a value has no counterpart, and nothing was changed; change the rows first that this finds:\n\
             SELECT * FROM {rows};",
            self.what
        )
    }
}

/// What becomes of changes that a declaration names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Declared {
    /// They refuse a start.
    Refused,
    /// They are made.
    Made,
}

/// Why a start is refused, in words for the operator.
pub(crate) fn refusal(changes: &[Change]) -> Option<String> {
    let each = changes.iter().map(|change| {
        let sql = change.statements.join("\n").replace('\n', "\n      ");
        format!("  - {}\n    made by:\n      {sql}", change.what)
    });
    (!changes.is_empty()).then(|| {
        format!(
            "the declared resources name changes that a start does not make, since a release that runs beside would lose its \
             columns; nothing was changed; once no older release runs, and with a backup, `migrate apply` makes them:\n{}",
            each.collect::<Vec<_>>().join("\n")
        )
    })
}

impl Table {
    /// The declared changes that are not made yet; `found` is then as if they had been made.
    pub(crate) fn declared_changes(&self, found: &mut Found) -> Vec<Change> {
        let mut changes = Vec::new();
        for column in &self.columns {
            changes.extend(self.rename(column, found));
            changes.extend(self.convert(column, found));
        }
        for name in self.dropped {
            changes.extend(self.drop_column(name, found));
        }
        changes
    }

    fn named(&self, what: &str) -> String {
        format!("table `{}`: {what}", self.name)
    }

    fn is_declared(&self, name: &str) -> bool {
        self.columns.iter().any(|column| column.name.eq_ignore_ascii_case(name))
    }

    fn rename(&self, column: &Column, found: &mut Found) -> Option<Change> {
        let old = column.renamed_from?;
        if self.is_declared(old) || found.column(&column.name).is_some() || found.column(old).is_none() {
            return None;
        }
        let (table, new) = (quote(&self.name), &column.name);
        let mut statements = self.forget_values(old, found);
        statements.push(format!("ALTER TABLE {table} RENAME COLUMN {} TO {};", quote(old), quote(new)));
        if self.dialect == Dialect::Postgres {
            let (before, after) = (check_name(&self.name, old), check_name(&self.name, new));
            if let Some(check) = found.checks.remove(&before) {
                statements.push(format!(
                    "ALTER TABLE {table} RENAME CONSTRAINT {} TO {};",
                    quote(&before),
                    quote(&after)
                ));
                found.checks.insert(after, check);
            }
        }
        found.rename(old, new);
        self.rename_indexes(found, &mut statements);
        statements.push(forget_kind(&self.name, new));
        statements.push(format!(
            "UPDATE \"_columns\" SET \"column\" = {} WHERE \"table\" = {} AND \"column\" = {};",
            quote_text(new),
            quote_text(&self.name),
            quote_text(old)
        ));
        Some(Change {
            what: self.named(&format!("the column `{old}` becomes `{new}`")),
            statements,
            lossy: None,
        })
    }

    /// Takes the values of a column away that are kept apart from a partitioned table, with the index that says so: both are made
    /// anew with what only adds.
    fn forget_values(&self, column: &str, found: &mut Found) -> Vec<String> {
        let name = self.dialect.name(&unique_index(&self.name, column)).into_owned();
        let mut statements = self.drop_values(column);
        if statements.is_empty() || !found.indexes.iter().any(|there| there.name == name) {
            return Vec::new();
        }
        found.indexes.retain(|there| there.name != name);
        statements.push(format!("DROP INDEX {};", quote(&name)));
        statements
    }

    /// Gives indexes of a renamed column the names that they are looked for by.
    fn rename_indexes(&self, found: &mut Found, statements: &mut Vec<String>) {
        let mut dropped = Vec::new();
        for index in &self.indexes {
            let there = found.indexes.iter_mut().find(|there| {
                there.unique == index.unique
                    && !there.partial
                    && there.name != index.name
                    && there
                        .columns
                        .iter()
                        .map(Option::as_deref)
                        .eq(index.columns.iter().map(|column| Some(column.as_str())))
            });
            let Some(there) = there else { continue };
            match self.dialect {
                // SQLite cannot rename one; it is made anew with what only adds.
                Dialect::Sqlite => {
                    statements.push(format!("DROP INDEX {};", quote(&there.name)));
                    dropped.push(there.name.clone());
                }
                Dialect::Postgres => {
                    statements.push(format!(
                        "ALTER INDEX {} RENAME TO {};",
                        quote(&there.name),
                        quote(&index.name)
                    ));
                    there.name.clone_from(&index.name);
                }
            }
        }
        found.indexes.retain(|index| !dropped.contains(&index.name));
    }

    fn convert(&self, column: &Column, found: &mut Found) -> Option<Change> {
        let from = column.converted_from?;
        let is_recorded = found.kinds.get(&column.name).is_some_and(|kind| kind == from);
        if !is_recorded || from == column.kind.name() {
            return None;
        }
        let conversion = Conversion::of(from, column, self.dialect)?;
        let (table, name) = (quote(&self.name), quote(&column.name));
        let there = found.column(&column.name)?;
        let made = match self.dialect {
            Dialect::Sqlite => self.convert_beside(column, there, &conversion, found),
            Dialect::Postgres => self.convert_in_place(column, there, &conversion, found),
        };
        let mut statements = self.forget_values(&column.name, found);
        statements.extend(made);
        found.checks.remove(&check_name(&self.name, &column.name));
        if self.dialect == Dialect::Sqlite {
            found.indexes.retain(|index| !index.is_of(&column.name));
        }
        found.kinds.insert(column.name.clone(), column.kind.name().to_owned());
        let sql_type = self.dialect.column_type(column.kind);
        if let Some(there) =
            found.columns.iter_mut().find(|there| there.name.eq_ignore_ascii_case(&column.name))
        {
            sql_type.clone_into(&mut there.sql_type);
        }
        Some(Change {
            what: self.named(&format!(
                "the column `{}` holds {}, and no longer {from}",
                column.name,
                column.kind.name()
            )),
            statements,
            lossy: conversion.loss.map(|loss| format!("{table} WHERE {name} IS NOT NULL AND ({loss})")),
        })
    }

    /// SQLite has no other way to change a type than a column beside the old one.
    fn convert_beside(
        &self,
        column: &Column,
        there: &FoundColumn,
        conversion: &Conversion,
        found: &Found,
    ) -> Vec<String> {
        let (table, name) = (quote(&self.name), quote(&column.name));
        let beside = format!("_converted_{}", column.name);
        let sql_type = self.dialect.column_type(column.kind);
        let mut definition = format!("{} {sql_type}", quote(&beside));
        if there.not_null {
            let default = column.default.as_deref().unwrap_or_else(|| placeholder(column.kind, self.dialect));
            definition.push_str(&format!(" NOT NULL DEFAULT {default}"));
        }
        if let Some(check) = column.check(self) {
            definition.push_str(&format!(" {}", check.replace(&name, &quote(&beside))));
        }
        let mut statements = vec![
            format!("ALTER TABLE {table} ADD COLUMN {definition};"),
            format!(
                "UPDATE {table} SET {} = {} WHERE {name} IS NOT NULL;",
                quote(&beside),
                conversion.expression
            ),
        ];
        statements.extend(drop_indexes(&column.name, found));
        statements.extend([
            format!("ALTER TABLE {table} DROP COLUMN {name};"),
            format!("ALTER TABLE {table} RENAME COLUMN {} TO {name};", quote(&beside)),
            record_kind(&self.name, &column.name, column.kind),
        ]);
        statements
    }

    fn convert_in_place(
        &self,
        column: &Column,
        there: &FoundColumn,
        conversion: &Conversion,
        found: &Found,
    ) -> Vec<String> {
        let name = quote(&column.name);
        let mut parts = Vec::new();
        let check = check_name(&self.name, &column.name);
        if found.checks.contains_key(&check) {
            parts.push(format!("DROP CONSTRAINT {}", quote(&check)));
        }
        // The old default is of the old type.
        if there.default.is_some() {
            parts.push(format!("ALTER COLUMN {name} DROP DEFAULT"));
        }
        let sql_type = self.dialect.column_type(column.kind);
        parts.push(format!("ALTER COLUMN {name} TYPE {sql_type} USING {}", conversion.expression));
        if let Some(default) = &column.default {
            parts.push(format!("ALTER COLUMN {name} SET DEFAULT {default}"));
        }
        if let Some(check) = column.check(self) {
            parts.push(format!("ADD {check}"));
        }
        vec![
            format!("ALTER TABLE {} {};", quote(&self.name), parts.join(", ")),
            record_kind(&self.name, &column.name, column.kind),
        ]
    }

    fn drop_column(&self, name: &str, found: &mut Found) -> Option<Change> {
        if self.is_declared(name) || found.column(name).is_none() {
            return None;
        }
        let mut statements = self.forget_values(name, found);
        statements.extend(self.drop_statements(name, found));
        found.indexes.retain(|index| !index.is_of(name));
        found.columns.retain(|there| !there.name.eq_ignore_ascii_case(name));
        found.kinds.remove(name);
        Some(Change {
            what: self.named(&format!("the column `{name}` goes, with all that is in it")),
            statements,
            lossy: None,
        })
    }

    /// Drops a column.
    pub(super) fn drop_statements(&self, name: &str, found: &Found) -> Vec<String> {
        let mut statements = drop_indexes(name, found);
        statements.push(format!("ALTER TABLE {} DROP COLUMN {};", quote(&self.name), quote(name)));
        statements.push(forget_kind(&self.name, name));
        statements
    }
}

/// Drops the indexes of a column.
fn drop_indexes(column: &str, found: &Found) -> Vec<String> {
    let with_it = found.indexes.iter().filter(|index| index.is_of(column));
    with_it.map(|index| format!("DROP INDEX IF EXISTS {};", quote(&index.name))).collect()
}

impl FoundIndex {
    fn is_of(&self, column: &str) -> bool {
        self.columns.iter().flatten().any(|name| name.eq_ignore_ascii_case(column))
    }
}

impl Found {
    fn column(&self, name: &str) -> Option<&FoundColumn> {
        self.columns.iter().find(|there| there.name.eq_ignore_ascii_case(name))
    }

    fn rename(&mut self, old: &str, new: &str) {
        let in_indexes = self.indexes.iter_mut().flat_map(|index| &mut index.columns).flatten();
        let in_keys = self.foreign_keys.iter_mut().flat_map(|key| &mut key.from);
        let names = self.columns.iter_mut().map(|column| &mut column.name);
        for name in names.chain(in_indexes).chain(in_keys).filter(|name| name.eq_ignore_ascii_case(old)) {
            new.clone_into(name);
        }
        if let Some(kind) = self.kinds.remove(old) {
            self.kinds.insert(new.to_owned(), kind);
        }
    }
}

/// How values of one kind become those of another.
struct Conversion {
    expression: String,
    /// The condition that a value has no counterpart.
    loss: Option<String>,
}

const UUID: &str = "________-____-____-____-____________";

/// Whether `converted_from` could convert a column.
pub(super) fn is_convertible(from: &str, column: &Column, dialect: Dialect) -> bool {
    Conversion::of(from, column, dialect).is_some()
}

impl Conversion {
    /// `None` where there is no such conversion.
    fn of(from: &str, column: &Column, dialect: Dialect) -> Option<Self> {
        let c = quote(&column.name);
        let is_postgres = dialect == Dialect::Postgres;
        let plain = |expression: String| Some(Self { expression, loss: None });
        let checked = |expression: String, loss: String| Some(Self { expression, loss: Some(loss) });
        let by_engine = |postgres: String, sqlite: String| if is_postgres { postgres } else { sqlite };
        let (to_integer, to_text) = (
            by_engine(format!("{c}::bigint"), format!("CAST({c} AS INTEGER)")),
            format!("CAST({c} AS TEXT)"),
        );
        let to_real = by_engine(format!("{c}::double precision"), format!("CAST({c} AS REAL)"));
        let bounds = column
            .bounds
            .map_or_else(String::new, |(low, high)| format!(" OR {to_integer} NOT BETWEEN {low} AND {high}"));
        match (from, column.kind) {
            ("text", Kind::Integer) => checked(
                to_integer.clone(),
                // What is not the number's own text is no number: ` 1`, `01`, `1.0`.
                by_engine(
                    format!("CASE WHEN {c} ~ '^-?(0|[1-9][0-9]{{0,17}})$' THEN FALSE{bounds} ELSE TRUE END"),
                    format!("CAST({to_integer} AS TEXT) IS NOT {c}{bounds}"),
                ),
            ),
            ("text", Kind::Real) => checked(
                to_real,
                by_engine(
                    format!("{c} !~ '^-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][-+]?[0-9]+)?$'"),
                    format!(
                        "CASE WHEN json_valid({c}) THEN json_type({c}) NOT IN ('integer', 'real') ELSE TRUE END"
                    ),
                ),
            ),
            ("text", Kind::Boolean) => {
                checked(format!("{c} = 'true'"), format!("{c} NOT IN ('true', 'false')"))
            }
            ("text", Kind::Uuid) => checked(
                by_engine(format!("{c}::uuid"), format!("lower({c})")),
                format!(
                    "lower({c}) NOT LIKE '{UUID}' OR length(replace({c}, '-', '')) <> 32 OR {}",
                    by_engine(format!("{c} ~ '[^0-9a-fA-F-]'"), format!("{c} GLOB '*[^0-9a-fA-F-]*'"))
                ),
            ),
            ("text", Kind::Date) => checked(
                by_engine(format!("{c}::date"), c.clone()),
                by_engine(
                    format!("{c} !~ '^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}$'"),
                    format!("date({c}) IS NOT {c}"),
                ),
            ),
            ("text", Kind::Enum) => {
                let variants = column.declared?.variants;
                let names: Vec<String> = variants.iter().map(|variant| quote_text(variant.name)).collect();
                let cases: Vec<String> = variants
                    .iter()
                    .map(|variant| format!("WHEN {} THEN {}", quote_text(variant.name), variant.number))
                    .collect();
                checked(
                    format!("CASE {c} {} END", cases.join(" ")),
                    format!("{c} NOT IN ({})", names.join(", ")),
                )
            }
            ("integer" | "real" | "uuid", Kind::Text) if from != "real" || is_postgres => plain(to_text),
            ("real", Kind::Text) => checked(to_text.clone(), format!("CAST({to_text} AS REAL) <> {c}")),
            ("integer", Kind::Real) => {
                checked(to_real, format!("{c} NOT BETWEEN -9007199254740992 AND 9007199254740992"))
            }
            ("integer", Kind::Boolean) => {
                checked(by_engine(format!("{c} = 1"), c.clone()), format!("{c} NOT IN (0, 1)"))
            }
            ("integer", Kind::Enum) => {
                let list = number_list(&numbers(column.declared?));
                checked(c.clone(), format!("{c} NOT IN ({list})"))
            }
            ("enum", Kind::Integer) => plain(c),
            ("boolean", Kind::Integer) => plain(by_engine(format!("{c}::int::bigint"), c.clone())),
            ("boolean", Kind::Text) => {
                plain(format!("CASE WHEN {c} THEN 'true' WHEN NOT {c} THEN 'false' END"))
            }
            ("real", Kind::Integer) => checked(
                to_integer.clone(),
                // Beyond, not every integer is there.
                format!(
                    "{c} NOT BETWEEN -9007199254740992 AND 9007199254740992 OR {c} <> {}{bounds}",
                    by_engine(format!("trunc({c})"), format!("CAST({c} AS INTEGER)"))
                ),
            ),
            ("date", Kind::Text) => plain(by_engine(format!("to_char({c}, 'YYYY-MM-DD')"), c.clone())),
            ("timestamp", Kind::Text) => plain(by_engine(
                format!("to_char({c} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"),
                c.clone(),
            )),
            ("date", Kind::Timestamp) => plain(by_engine(
                format!("{c}::timestamp AT TIME ZONE 'UTC'"),
                format!("{c} || 'T00:00:00.000000Z'"),
            )),
            ("timestamp", Kind::Date) => checked(
                by_engine(format!("({c} AT TIME ZONE 'UTC')::date"), format!("substr({c}, 1, 10)")),
                by_engine(
                    format!("({c} AT TIME ZONE 'UTC')::time <> '00:00'"),
                    format!("substr({c}, 11) <> 'T00:00:00.000000Z'"),
                ),
            ),
            _ => None,
        }
    }
}
