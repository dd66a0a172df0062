//! What separates an existing database from the tables that a tree needs, with the SQL that would mend it.

use std::collections::{HashMap, HashSet};

use super::{
    Column, Kind, Table, declared::is_convertible, mend::record_kind, number_list, numbers, quote,
    unique_index,
};
use crate::error::Result;

/// A column that exists.
#[derive(Debug)]
pub(crate) struct FoundColumn {
    pub(crate) name: String,
    pub(crate) sql_type: String,
    pub(crate) not_null: bool,
    pub(crate) default: Option<String>,
    /// The position in the primary key, from 1; 0 for none.
    pub(crate) key: i64,
    /// Whether SQLite computes it.
    pub(crate) generated: bool,
}

/// An index that exists.
#[derive(Debug)]
pub(crate) struct FoundIndex {
    pub(crate) name: String,
    pub(crate) unique: bool,
    pub(crate) partial: bool,
    /// An expression has no name.
    pub(crate) columns: Vec<Option<String>>,
}

/// A foreign key that exists.
#[derive(Debug)]
pub(crate) struct FoundForeignKey {
    pub(crate) table: String,
    pub(crate) from: Vec<String>,
    pub(crate) to: Vec<Option<String>>,
}

/// A table that exists.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// As the database writes it.
    pub(crate) name: String,
    pub(crate) sql: String,
    pub(crate) is_view: bool,
    pub(crate) columns: Vec<FoundColumn>,
    pub(crate) indexes: Vec<FoundIndex>,
    pub(crate) foreign_keys: Vec<FoundForeignKey>,
    /// The recorded kinds of its columns.
    pub(crate) kinds: HashMap<String, String>,
    /// Where checks have names: each with its definition.
    pub(crate) checks: HashMap<String, String>,
}

impl Found {
    /// Whether the database computes a column.
    pub(crate) fn computes(&self, column: &str) -> bool {
        self.columns.iter().any(|there| there.generated && there.name.eq_ignore_ascii_case(column))
    }
}

/// What separates the database from the declaration and cannot be added.
#[derive(Debug)]
pub(crate) struct Difference {
    pub(crate) what: String,
    pub(crate) mend: String,
}

/// What brings the database up to the declaration.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// Statements, in order.
    pub(crate) statements: Vec<String>,
    /// Tables whose `CREATE` statement changes in place, and the new one.
    pub(crate) edits: Vec<(String, String)>,
    /// Kinds to record: table, column, kind.
    pub(crate) kinds: Vec<(String, String, Kind)>,
    /// What cannot be done.
    pub(crate) differences: Vec<Difference>,
}

impl Plan {
    /// Plans to make a table.
    pub(crate) fn create(&mut self, table: &Table) {
        self.statements.extend(table.create());
        let kinds = table.columns.iter().filter(|column| column.kind != Kind::Lexemes);
        self.kinds.extend(kinds.map(|column| (table.name.clone(), column.name.clone(), column.kind)));
    }

    /// Why a start is refused, in words for the operator.
    pub(crate) fn refusal(&self) -> Option<String> {
        (!self.differences.is_empty()).then(|| {
            format!(
                "the database differs from the declared resources in what is not done automatically; nothing was changed, \
                 and a backup before mending it is wise:\n{}",
                describe(&self.differences)
            )
        })
    }
}

/// The column that marks soft-deleted rows.
const DELETED_AT: &str = "deleted_at";

impl Table {
    /// Compares the table with the one that exists. `ask` answers a query for one boolean.
    ///
    /// # Errors
    ///
    /// When `ask` fails.
    pub(crate) fn compare(
        &self,
        found: &Found,
        plan: &mut Plan,
        ask: &mut dyn FnMut(&str) -> Result<bool>,
    ) -> Result<()> {
        let mut sql = found.sql.clone();
        for column in &self.columns {
            let Some(there) =
                found.columns.iter().find(|there| there.name.eq_ignore_ascii_case(&column.name))
            else {
                self.add_column(column, found, plan, ask)?;
                continue;
            };
            self.compare_column(column, there, found, plan);
            if let Some(declared) = column.declared {
                self.compare_variants(column, &numbers(declared), found, &mut sql, plan, ask)?;
            }
        }
        if sql != found.sql {
            plan.edits.push((self.name.clone(), sql));
        }
        self.compare_extra_columns(found, plan);
        self.compare_deleted_rows(found, plan, ask)?;
        self.compare_keys(found, plan);
        self.compare_indexes(found, plan, ask)
    }

    fn differ(&self, plan: &mut Plan, what: &str, mend: String) {
        plan.differences.push(Difference { what: format!("table `{}`: {what}", self.name), mend });
    }

    fn add_column(
        &self,
        column: &Column,
        found: &Found,
        plan: &mut Plan,
        ask: &mut dyn FnMut(&str) -> Result<bool>,
    ) -> Result<()> {
        let add = |definition: &str| format!("ALTER TABLE {} ADD COLUMN {definition};", quote(&self.name));
        if !column.is_declared {
            let what = format!("the column `{}` is missing", column.name);
            self.differ(plan, &what, self.mend_missing(column, found));
            return Ok(());
        }
        let rows = |least: u64| {
            format!(
                "SELECT count(*) >= {least} FROM (SELECT 1 FROM {} LIMIT {least}) AS \"counted\"",
                quote(&self.name)
            )
        };
        let is_unique =
            self.indexes.iter().any(|index| index.unique && index.columns == [column.name.as_str()]);
        if !column.nullable && column.default.is_none() && ask(&rows(1))? {
            let what = format!(
                "the required field `{}` has no column and no default for the rows that exist",
                column.name
            );
            self.differ(plan, &what, add(&self.definition_with_placeholder(column)));
            return Ok(());
        }
        if is_unique && column.default.is_some() && ask(&rows(2))? {
            let what =
                format!("the unique field `{}` has no column, and its default would repeat", column.name);
            self.differ(plan, &what, self.mend_repeated_default(column, found, add));
            return Ok(());
        }
        plan.statements.push(add(&column.definition(self)));
        // What words are made of is recorded with them.
        if column.kind != Kind::Lexemes {
            plan.kinds.push((self.name.clone(), column.name.clone(), column.kind));
        }
        Ok(())
    }

    fn compare_column(&self, column: &Column, there: &FoundColumn, found: &Found, plan: &mut Plan) {
        let name = &column.name;
        let declared = self.dialect.column_type(column.kind);
        if !there.sql_type.eq_ignore_ascii_case(declared) {
            let mut what = format!("the column `{name}` is {}, declared is {declared}", there.sql_type);
            if let Some(kind) = found.kinds.get(name) {
                what.push_str(&self.conversion_hint(kind, column));
            }
            self.differ(plan, &what, self.mend_type(column, there, found));
            return;
        }
        if column.kind == Kind::Lexemes {
            return;
        }
        match found.kinds.get(name) {
            None => plan.kinds.push((self.name.clone(), name.clone(), column.kind)),
            Some(kind) if kind != column.kind.name() => {
                let mut what =
                    format!("the column `{name}` holds {kind}, declared is {}", column.kind.name());
                what.push_str(&self.conversion_hint(kind, column));
                let has_check = |kind: &str| [Kind::Enum.name(), Kind::Boolean.name()].contains(&kind);
                let mend = if has_check(kind) || has_check(column.kind.name()) {
                    self.mend_kind(column, found)
                } else {
                    let record = record_kind(&self.name, name, column.kind);
                    format!("-- once every value has the form of the declared type:\n{record}")
                };
                self.differ(plan, &what, mend);
            }
            Some(_) => {}
        }
        // A column of the primary key may lack NOT NULL in a table made by hand; it holds no null either way.
        if there.key == 0 && there.not_null == column.nullable {
            let what = if column.nullable {
                format!("the column `{name}` is NOT NULL, but the field is optional")
            } else {
                format!("the column `{name}` allows NULL, but the field is required")
            };
            self.differ(plan, &what, self.mend_null(column, found));
        }
    }

    /// The word that converts a column, where there is a conversion.
    fn conversion_hint(&self, kind: &str, column: &Column) -> String {
        if !is_convertible(kind, column, self.dialect) {
            return String::new();
        }
        let word = if kind == Kind::Enum.name() { "enumeration" } else { kind };
        format!("; `converted_from = {word}` on the field lets `migrate apply` convert it")
    }

    fn compare_variants(
        &self,
        column: &Column,
        declared: &[i64],
        found: &Found,
        sql: &mut String,
        plan: &mut Plan,
        ask: &mut dyn FnMut(&str) -> Result<bool>,
    ) -> Result<()> {
        let Some(check) = self.found_check(column, found, sql) else { return Ok(()) };
        let mut numbers = check.numbers.clone();
        let is_narrower = numbers.iter().any(|number| !declared.contains(number));
        if is_narrower {
            let (table, name) = (quote(&self.name), quote(&column.name));
            let list = number_list(declared);
            if ask(&format!("SELECT EXISTS (SELECT 1 FROM {table} WHERE {name} NOT IN ({list}))"))? {
                let what = format!("the column `{}` holds variants that the enum no longer has", column.name);
                self.differ(
                    plan,
                    &what,
                    format!("UPDATE {table} SET {name} = 0 WHERE {name} NOT IN ({list});"),
                );
            }
        }
        // A check only grows: what a newer release allowed stays allowed, as its extra columns stay.
        let added: Vec<i64> = declared.iter().copied().filter(|number| !numbers.contains(number)).collect();
        if !added.is_empty() {
            numbers.extend(added);
            numbers.sort_unstable();
            self.widen(column, &check, &numbers, sql, plan);
        }
        Ok(())
    }

    fn compare_extra_columns(&self, found: &Found, plan: &mut Plan) {
        for there in self.extra_columns(found) {
            if there.not_null && there.default.is_none() && !there.generated {
                let what = format!(
                    "the column `{name}` is not declared, and no row can be inserted without a value for it; \
                     `dropped({name})` lets `migrate apply` drop it, and `renamed_from = \"{name}\"` gives it to a field",
                    name = there.name
                );
                let mend = self.drop_statements(&there.name, found);
                self.differ(plan, &what, mend.join("\n"));
            }
        }
    }

    /// Rows that were deleted and could be brought back would be as if they never had been, where the declaration knows no
    /// deleted rows any more.
    fn compare_deleted_rows(
        &self,
        found: &Found,
        plan: &mut Plan,
        ask: &mut dyn FnMut(&str) -> Result<bool>,
    ) -> Result<()> {
        let is_mark = |there: &&FoundColumn| {
            there.name == DELETED_AT
                && found.kinds.get(DELETED_AT).is_some_and(|kind| kind == Kind::Timestamp.name())
        };
        if !self.extra_columns(found).any(|there| is_mark(&there)) {
            return Ok(());
        }
        let (table, mark) = (quote(&self.name), quote(DELETED_AT));
        if ask(&format!("SELECT EXISTS (SELECT 1 FROM {table} WHERE {mark} IS NOT NULL)"))? {
            let mend = format!(
                "DELETE FROM {table} WHERE {mark} IS NOT NULL; -- or keep `soft_delete` until they are gone by themselves"
            );
            self.differ(
                plan,
                "soft-deleted rows would be there again, since `soft_delete` is not declared",
                mend,
            );
        }
        Ok(())
    }

    pub(super) fn extra_columns<'a>(&self, found: &'a Found) -> impl Iterator<Item = &'a FoundColumn> {
        let known: HashSet<String> = self.columns.iter().map(|column| column.name.to_lowercase()).collect();
        found.columns.iter().filter(move |there| !known.contains(&there.name.to_lowercase()))
    }

    fn compare_keys(&self, found: &Found, plan: &mut Plan) {
        let mut key: Vec<_> = found.columns.iter().filter(|column| column.key > 0).collect();
        key.sort_by_key(|column| column.key);
        if !key.iter().map(|column| &column.name).eq(&self.primary_key) {
            let what = format!("the primary key is not ({})", self.primary_key.join(", "));
            self.differ(plan, &what, self.mend_key(found));
        }
        if let Some(owner) = &self.owner
            && !found.foreign_keys.iter().any(|there| owner.is(there))
        {
            let what = format!("the foreign key to `{}` is missing", owner.table);
            self.differ(plan, &what, self.mend_owner(owner, found));
        }
    }

    fn compare_indexes(
        &self,
        found: &Found,
        plan: &mut Plan,
        ask: &mut dyn FnMut(&str) -> Result<bool>,
    ) -> Result<()> {
        for index in &self.indexes {
            let same_columns = |there: &&FoundIndex| {
                there
                    .columns
                    .iter()
                    .map(Option::as_deref)
                    .eq(index.columns.iter().map(|column| Some(column.as_str())))
            };
            let mut equal = found.indexes.iter().filter(same_columns);
            if equal.any(|there| !there.partial && there.unique == self.is_kept_apart(index)) {
                continue;
            }
            if found.indexes.iter().any(|there| there.name.eq_ignore_ascii_case(&index.name)) {
                let what = format!("the index `{}` is not what its name says", index.name);
                self.differ(plan, &what, format!("DROP INDEX {};", quote(&index.name)));
                continue;
            }
            let column = quote(&index.columns[0]);
            let has_column =
                found.columns.iter().any(|there| there.name.eq_ignore_ascii_case(&index.columns[0]));
            if index.unique && has_column {
                let repeated = format!(
                    "SELECT {column}, count(*) FROM {} WHERE {column} IS NOT NULL GROUP BY {column} HAVING count(*) > 1",
                    quote(&self.name)
                );
                if ask(&format!("SELECT EXISTS ({repeated})"))? {
                    let what = format!("the field `{}` is unique, but values repeat", index.columns[0]);
                    self.differ(plan, &what, format!("-- these values repeat; change them:\n{repeated};"));
                    continue;
                }
            }
            plan.statements.extend(self.create_index(index, true));
        }
        for column in self.columns.iter().filter(|column| column.is_declared) {
            let name = unique_index(&self.name, &column.name);
            let name = self.dialect.name(&name).into_owned();
            let is_left_over = found.indexes.iter().any(|there| there.name == name);
            if is_left_over && !self.indexes.iter().any(|index| index.name == name) {
                let what = format!("the column `{}` is unique, but the field is not", column.name);
                let mut mend = vec![format!("DROP INDEX {};", quote(&name))];
                mend.extend(self.drop_values(&column.name));
                self.differ(plan, &what, mend.join("\n"));
            }
        }
        Ok(())
    }
}

/// The differences as text for an operator.
fn describe(differences: &[Difference]) -> String {
    let each = differences.iter().enumerate().map(|(at, difference)| {
        let mend = difference.mend.replace('\n', "\n      ");
        let is_repeated =
            !mend.starts_with("--") && differences[..at].iter().any(|before| before.mend == difference.mend);
        let mend = if is_repeated { "-- the statements above".to_owned() } else { mend };
        format!("  - {}\n    mended by:\n      {mend}", difference.what)
    });
    each.collect::<Vec<_>>().join("\n")
}
