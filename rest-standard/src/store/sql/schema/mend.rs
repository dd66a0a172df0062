//! The SQL that would mend a difference: what an operator reads when a start is refused.
//!
//! Postgres changes a table in place. SQLite cannot, and has the table made anew.

use super::{
    Column, Dialect, Kind, Owner, Table, check_name,
    compare::{Found, FoundColumn, FoundForeignKey, Plan},
    quote, quote_list, quote_text, variants_check,
};
use crate::store::sql::search;

/// The check of an enum's column that exists.
pub(super) struct FoundCheck {
    /// Its text, or where checks have names its name.
    text: String,
    pub(super) numbers: Vec<i64>,
}

impl Table {
    fn alter(&self, what: &str) -> String {
        format!("ALTER TABLE {} {what};", quote(&self.name))
    }

    pub(super) fn mend_missing(&self, column: &Column, found: &Found) -> String {
        match self.dialect {
            Dialect::Sqlite => self.rebuild(found),
            Dialect::Postgres if column.nullable => {
                self.alter(&format!("ADD COLUMN {}", column.definition(self)))
            }
            Dialect::Postgres => {
                self.alter(&format!("ADD COLUMN {}", self.definition_with_placeholder(column)))
            }
        }
    }

    pub(super) fn mend_type(&self, column: &Column, there: &FoundColumn, found: &Found) -> String {
        if self.dialect == Dialect::Sqlite {
            return self.rebuild(found);
        }
        let name = quote(&column.name);
        let change = format!(
            "ALTER COLUMN {name} TYPE {} USING {}",
            self.dialect.column_type(column.kind),
            column.conversion(there, self.dialect)
        );
        format!("{}\n{}", self.alter(&change), record_kind(&self.name, &column.name, column.kind))
    }

    pub(super) fn mend_kind(&self, column: &Column, found: &Found) -> String {
        if self.dialect == Dialect::Sqlite {
            return self.rebuild(found);
        }
        let mut lines = vec!["-- once every value has the form of the declared type:".to_owned()];
        let check = check_name(&self.name, &column.name);
        if found.checks.contains_key(&check) {
            lines.push(self.alter(&format!("DROP CONSTRAINT {}", quote(&check))));
        }
        if let Some(check) = column.check(self) {
            lines.push(self.alter(&format!("ADD {check}")));
        }
        lines.push(record_kind(&self.name, &column.name, column.kind));
        lines.join("\n")
    }

    pub(super) fn mend_null(&self, column: &Column, found: &Found) -> String {
        let (table, name) = (quote(&self.name), quote(&column.name));
        match self.dialect {
            Dialect::Sqlite => self.rebuild(found),
            Dialect::Postgres if column.nullable => self.alter(&format!("ALTER COLUMN {name} DROP NOT NULL")),
            Dialect::Postgres => {
                let value =
                    column.default.as_deref().unwrap_or_else(|| placeholder(column.kind, self.dialect));
                format!(
                    "UPDATE {table} SET {name} = {value} WHERE {name} IS NULL;\n{}",
                    self.alter(&format!("ALTER COLUMN {name} SET NOT NULL"))
                )
            }
        }
    }

    pub(super) fn mend_key(&self, found: &Found) -> String {
        if self.dialect == Dialect::Sqlite {
            return self.rebuild(found);
        }
        let key = quote_list(self.primary_key.iter().map(String::as_str));
        let add = self.alter(&format!("ADD PRIMARY KEY ({key})"));
        if !found.columns.iter().any(|column| column.key > 0) {
            return add;
        }
        format!(
            "-- after its foreign keys and with the name that `\\d {}` shows:\n{}\n{add}",
            self.name,
            self.alter(&format!("DROP CONSTRAINT {}", quote(&format!("{}_pkey", self.name))))
        )
    }

    pub(super) fn mend_owner(&self, owner: &Owner, found: &Found) -> String {
        match self.dialect {
            Dialect::Sqlite => self.rebuild(found),
            Dialect::Postgres => self.alter(&format!("ADD {}", owner.definition())),
        }
    }

    /// Adds a unique column whose default would repeat.
    pub(super) fn mend_repeated_default(
        &self,
        column: &Column,
        found: &Found,
        add: impl Fn(&str) -> String,
    ) -> String {
        let name = quote(&column.name);
        let nullable = format!("{name} {}", self.dialect.column_type(column.kind));
        let last = match self.dialect {
            Dialect::Sqlite => self.rebuild_with(found, Some(column)),
            Dialect::Postgres if column.nullable => String::new(),
            Dialect::Postgres => self.alter(&format!("ALTER COLUMN {name} SET NOT NULL")),
        };
        format!(
            "{}\nUPDATE {} SET {name} = …; -- a different value for each row\n{last}",
            add(&nullable),
            quote(&self.name),
        )
    }

    /// A required column with a value for the rows that exist.
    pub(super) fn definition_with_placeholder(&self, column: &Column) -> String {
        let mut given = column.definition(self);
        if column.default.is_none() {
            let at = given.find(" NOT NULL").map_or(given.len(), |at| at + " NOT NULL".len());
            given.insert_str(at, &format!(" DEFAULT {}", placeholder(column.kind, self.dialect)));
        }
        given
    }

    /// The check of an enum's column in the table that exists.
    pub(super) fn found_check(&self, column: &Column, found: &Found, sql: &str) -> Option<FoundCheck> {
        match self.dialect {
            Dialect::Sqlite => {
                let start = format!("CHECK ({} IN (", quote(&column.name));
                let from = sql.find(&start)?;
                let list = &sql[from + start.len()..];
                let end = list.find("))")?;
                let numbers = list[..end].split(',').map(|number| number.trim().parse().ok());
                let text = sql[from..from + start.len() + end + 2].to_owned();
                Some(FoundCheck { text, numbers: numbers.collect::<Option<_>>()? })
            }
            Dialect::Postgres => {
                let name = check_name(&self.name, &column.name);
                // Postgres writes `CHECK ((mode = ANY (ARRAY[(0)::bigint, (1)::bigint])))`.
                let (_, list) = found.checks.get(&name)?.split_once(" = ")?;
                let list = list.replace("::bigint", "").replace("ANY", "").replace("ARRAY", "");
                let numbers = list
                    .split(|char: char| !char.is_ascii_digit() && char != '-')
                    .filter(|number| !number.is_empty())
                    .map(|number| number.parse().ok());
                Some(FoundCheck { text: name, numbers: numbers.collect::<Option<_>>()? })
            }
        }
    }

    /// Lets the check of an enum's column take more numbers.
    pub(super) fn widen(
        &self,
        column: &Column,
        found: &FoundCheck,
        numbers: &[i64],
        sql: &mut String,
        plan: &mut Plan,
    ) {
        let check = variants_check(&column.name, numbers);
        match self.dialect {
            Dialect::Sqlite => *sql = sql.replacen(&found.text, &check, 1),
            Dialect::Postgres => {
                let name = quote(&found.text);
                // Every row passed the narrower one.
                let change = format!("DROP CONSTRAINT {name}, ADD CONSTRAINT {name} {check} NOT VALID");
                plan.statements.push(self.alter(&change));
            }
        }
    }

    fn rebuild(&self, found: &Found) -> String {
        self.rebuild_with(found, None)
    }

    /// The statements that put the rows into a table as declared, the way SQLite's manual gives for changes that
    /// `ALTER TABLE` cannot make. `added` was added by a statement before.
    fn rebuild_with(&self, found: &Found, added: Option<&Column>) -> String {
        let extra: Vec<&FoundColumn> = self.extra_columns(found).filter(|there| !there.generated).collect();
        let definitions: Vec<String> = extra.iter().map(|there| there.definition()).collect();
        let mut from = Vec::new();
        for column in &self.columns {
            let there = found.columns.iter().find(|there| there.name.eq_ignore_ascii_case(&column.name));
            from.push(match there {
                Some(there) => column.conversion(there, self.dialect),
                None if added.is_some_and(|added| added.name == column.name) => quote(&column.name),
                None if column.nullable => "NULL".to_owned(),
                None => column
                    .default
                    .clone()
                    .unwrap_or_else(|| placeholder(column.kind, self.dialect).to_owned()),
            });
        }
        from.extend(extra.iter().map(|there| quote(&there.name)));
        let names = self.columns.iter().map(|column| column.name.as_str());
        let names = quote_list(names.chain(extra.iter().map(|there| there.name.as_str())));
        let (old, new) = (quote(&self.name), format!("_rebuilt__{}", self.name));
        let mut lines = vec![
            "PRAGMA foreign_keys = OFF;".to_owned(),
            "BEGIN;".to_owned(),
            format!("{};", self.create_as(&new, &definitions)),
            format!("INSERT INTO {} ({names})\n  SELECT {} FROM {old};", quote(&new), from.join(", ")),
            format!("DROP TABLE {old};"),
            format!("ALTER TABLE {} RENAME TO {old};", quote(&new)),
        ];
        lines.extend(self.indexes.iter().map(|index| format!("{};", index.create(self))));
        let words = self.is_searched.then(|| search::index_name(&self.name));
        for name in [Some(&self.name), words.as_ref()].into_iter().flatten() {
            lines.push(format!("DELETE FROM \"_columns\" WHERE \"table\" = {};", quote_text(name)));
        }
        lines.push("COMMIT;".to_owned());
        lines.join("\n")
    }
}

impl Column {
    /// How an existing value becomes one of this column.
    fn conversion(&self, there: &FoundColumn, dialect: Dialect) -> String {
        let mut from = quote(&there.name);
        let sql_type = dialect.sql_type(self.kind);
        if !there.sql_type.eq_ignore_ascii_case(dialect.column_type(self.kind)) {
            from = format!("CAST({from} AS {sql_type})");
        }
        if !self.nullable && !there.not_null && there.key == 0 {
            let default = self.default.as_deref().unwrap_or_else(|| placeholder(self.kind, dialect));
            from = format!("coalesce({from}, {default})");
        }
        from
    }
}

/// A value of the kind that an operator puts another one for.
pub(super) const fn placeholder(kind: Kind, dialect: Dialect) -> &'static str {
    match kind {
        Kind::Boolean if matches!(dialect, Dialect::Postgres) => "false",
        Kind::Bytes if matches!(dialect, Dialect::Postgres) => "''",
        Kind::Text | Kind::Slug => "'to be replaced'",
        Kind::Uuid => "'00000000-0000-0000-0000-000000000000'",
        Kind::Timestamp => "'2000-01-01T00:00:00.000000Z'",
        Kind::Date => "'2000-01-01'",
        Kind::Json | Kind::Document => "'null'",
        Kind::Lexemes => "''",
        Kind::Integer | Kind::Boolean | Kind::Enum => "0",
        Kind::Real => "0.0",
        Kind::Bytes => "x''",
    }
}

pub(super) fn record_kind(table: &str, column: &str, kind: Kind) -> String {
    format!(
        "UPDATE \"_columns\" SET \"kind\" = {} WHERE \"table\" = {} AND \"column\" = {};",
        quote_text(kind.name()),
        quote_text(table),
        quote_text(column)
    )
}

pub(super) fn forget_kind(table: &str, column: &str) -> String {
    format!(
        "DELETE FROM \"_columns\" WHERE \"table\" = {} AND \"column\" = {};",
        quote_text(table),
        quote_text(column)
    )
}

impl Owner {
    pub(super) fn is(&self, there: &FoundForeignKey) -> bool {
        // A foreign key that names no columns refers to the primary key.
        let same_target = there.to.iter().all(Option::is_none)
            || there.to.iter().map(Option::as_deref).eq(self.to.iter().map(|column| Some(column.as_str())));
        there.table.eq_ignore_ascii_case(&self.table) && there.from == self.from && same_target
    }
}

impl FoundColumn {
    fn definition(&self) -> String {
        let is_strict = ["INT", "INTEGER", "REAL", "TEXT", "BLOB"]
            .iter()
            .any(|ty| self.sql_type.eq_ignore_ascii_case(ty));
        let sql_type = if is_strict { self.sql_type.as_str() } else { "ANY" };
        let not_null = if self.not_null { " NOT NULL" } else { "" };
        let default =
            self.default.as_ref().map(|default| format!(" DEFAULT ({default})")).unwrap_or_default();
        format!("{} {sql_type}{not_null}{default}", quote(&self.name))
    }
}
