//! Tables that Postgres keeps in parts, by the id that all keys begin with.
//!
//! A part knows its own rows alone, so that its unique index says nothing of the others. A value that is unique over all is kept
//! in a table of its own, which is partitioned by the value, and which triggers of the table keep up: whatever writes a row, the
//! value is there or the statement fails as it would at a unique index.

use super::{Dialect, Index, Table, quote, quote_list};

/// The most parts that a table can have.
#[cfg_attr(not(feature = "postgres"), allow(dead_code, reason = "SQLite has no partitions"))]
pub(crate) const MOST: u32 = 1_024;

/// The name of the table of a column's values.
pub(crate) fn values_table(table: &str, column: &str) -> String {
    Dialect::Postgres.name(&format!("{table}.{column}.values")).into_owned()
}

/// Whether a table of this name is one of values.
#[cfg_attr(not(feature = "postgres"), allow(dead_code, reason = "SQLite has no partitions"))]
pub(crate) fn is_values_table(name: &str) -> bool {
    name.contains('.') && name.ends_with(".values")
}

/// The parts of a table.
fn parts(table: &str, count: u32) -> impl Iterator<Item = String> {
    (0..count).map(move |part| {
        let name = Dialect::Postgres.name(&format!("{table}/{part}")).into_owned();
        format!(
            "CREATE TABLE {} PARTITION OF {} FOR VALUES WITH (MODULUS {count}, REMAINDER {part})",
            quote(&name),
            quote(table)
        )
    })
}

impl Table {
    /// How the table is partitioned, behind its definition; nothing where it is not.
    pub(super) fn partitioning(&self) -> String {
        match self.primary_key.first() {
            Some(root) if self.partitions > 0 => format!(" PARTITION BY HASH ({})", quote(root)),
            _ => String::new(),
        }
    }

    /// What makes its parts.
    pub(super) fn create_parts(&self) -> impl Iterator<Item = String> {
        parts(&self.name, self.partitions)
    }

    /// Whether the index keeps the values of all rows apart.
    pub(super) fn is_kept_apart(&self, index: &Index) -> bool {
        index.unique && self.partitions == 0
    }

    /// What makes an index, and where that takes one, the table of its values; `fills` with those that are there.
    pub(super) fn create_index(&self, index: &Index, fills: bool) -> Vec<String> {
        let mut statements = vec![index.create(self)];
        if !index.unique || self.is_kept_apart(index) {
            return statements;
        }
        let column = &index.columns[0];
        let name = values_table(&self.name, column);
        let kind = self.columns.iter().find(|there| there.name == *column).map(|there| there.kind);
        let columns = self.columns.iter().filter(|there| self.primary_key.contains(&there.name));
        let keys = columns
            .map(|key| format!("{} {} NOT NULL", quote(&key.name), self.dialect.column_type(key.kind)));
        let value = kind.map(|kind| format!("{} {} NOT NULL", quote(column), self.dialect.column_type(kind)));
        let definitions: Vec<String> = value.into_iter().chain(keys).collect();
        let (values, table, field) = (quote(&name), quote(&self.name), quote(column));
        statements.push(format!(
            "CREATE TABLE {values} (\n  {},\n  PRIMARY KEY ({field})\n) PARTITION BY HASH ({field})",
            definitions.join(",\n  ")
        ));
        statements.extend(parts(&name, self.partitions));
        let keys = quote_list(self.primary_key.iter().map(String::as_str));
        let new_keys: Vec<String> =
            self.primary_key.iter().map(|key| format!("NEW.{}", quote(key))).collect();
        statements.push(format!(
            "CREATE FUNCTION {values}() RETURNS trigger LANGUAGE plpgsql AS $$\n\
             BEGIN\n  \
               IF TG_OP = 'UPDATE' AND OLD.{field} IS NOT DISTINCT FROM NEW.{field} THEN RETURN NULL; END IF;\n  \
               IF TG_OP <> 'INSERT' AND OLD.{field} IS NOT NULL THEN DELETE FROM {values} WHERE {field} = OLD.{field}; END IF;\n  \
               IF TG_OP <> 'DELETE' AND NEW.{field} IS NOT NULL THEN\n    \
                 INSERT INTO {values} ({field}, {keys}) VALUES (NEW.{field}, {});\n  \
               END IF;\n  \
               RETURN NULL;\n\
             END $$",
            new_keys.join(", ")
        ));
        statements.push(format!(
            "CREATE TRIGGER {values} AFTER INSERT OR DELETE OR UPDATE OF {field} ON {table} \
             FOR EACH ROW EXECUTE FUNCTION {values}()"
        ));
        if fills {
            statements.push(format!(
                "INSERT INTO {values} ({field}, {keys}) SELECT {field}, {keys} FROM {table} WHERE {field} IS NOT NULL"
            ));
        }
        statements
    }

    /// What takes the table of a column's values away, and the triggers that keep it up; nothing where there is none.
    pub(super) fn drop_values(&self, column: &str) -> Vec<String> {
        if self.partitions == 0 {
            return Vec::new();
        }
        let values = quote(&values_table(&self.name, column));
        vec![
            format!("DROP FUNCTION IF EXISTS {values}() CASCADE;"),
            format!("DROP TABLE IF EXISTS {values};"),
        ]
    }
}
