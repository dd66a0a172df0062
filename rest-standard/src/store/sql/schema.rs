//! The tables that a tree needs, and what separates an existing database from them.
//!
//! What only adds is done at start: tables, columns that are nullable or have a default, indexes, variants of an enum.
//! Extra tables and extra columns that a row can be inserted without are left alone, since a newer release may have
//! made them. Everything else is a [`Difference`]: it is put in words, with the SQL that would mend it, and nothing is
//! changed.

use std::collections::HashSet;

mod compare;

pub(crate) use compare::{Found, FoundColumn, FoundForeignKey, FoundIndex, Plan, describe};

use super::{quote, quote_list, quote_text};
use crate::{
    descriptor::{EnumDescriptor, FieldDescriptor, FieldKind, IdKind},
    error::{Error, Result},
    tree::{Node, Tree},
    value::Value,
};

/// The framework's own tables, which are created when the file is empty.
pub(crate) const FRAMEWORK_TABLES: &str = "
CREATE TABLE \"_meta\" (
  \"_one\" INTEGER PRIMARY KEY CHECK (\"_one\" = 1),
  \"format\" INTEGER NOT NULL,
  \"service\" TEXT NOT NULL,
  \"created_at\" TEXT NOT NULL,
  \"secret\" BLOB NOT NULL,
  \"probe\" INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE \"_columns\" (
  \"table\" TEXT NOT NULL,
  \"column\" TEXT NOT NULL,
  \"kind\" TEXT NOT NULL,
  PRIMARY KEY (\"table\", \"column\")
) STRICT, WITHOUT ROWID;
CREATE TABLE \"_requests\" (
  \"_row\" INTEGER PRIMARY KEY,
  \"caller\" TEXT NOT NULL,
  \"id\" TEXT NOT NULL,
  \"fingerprint\" BLOB NOT NULL,
  \"at\" TEXT NOT NULL,
  \"status\" INTEGER NOT NULL,
  \"location\" TEXT,
  \"etag\" TEXT,
  \"data\" TEXT NOT NULL,
  UNIQUE (\"caller\", \"id\")
) STRICT;
CREATE TABLE \"_sequences\" (
  \"table\" TEXT NOT NULL PRIMARY KEY,
  \"next\" INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
";

/// Gives each table and its `CREATE` statement.
pub(crate) const LIST_TABLES: &str = "SELECT \"name\", \"sql\" FROM sqlite_schema WHERE \"type\" = 'table'";
/// Gives name, type, not null, default, position in the key, hidden. Binds the table.
pub(crate) const LIST_COLUMNS: &str = "SELECT \"name\", \"type\", \"notnull\", \"dflt_value\", \"pk\", \"hidden\" \
     FROM pragma_table_xinfo(?1)";
/// Gives index, unique, partial and column of each column of each index, in order. Binds the table.
pub(crate) const LIST_INDEXES: &str = "SELECT list.\"name\", list.\"unique\", list.\"partial\", info.\"name\" \
     FROM pragma_index_list(?1) AS list, pragma_index_info(list.\"name\") AS info ORDER BY list.\"seq\", info.\"seqno\"";
/// Gives number, table, column and referenced column of each column of each foreign key. Binds the table.
pub(crate) const LIST_FOREIGN_KEYS: &str =
    "SELECT \"id\", \"table\", \"from\", \"to\" FROM pragma_foreign_key_list(?1) ORDER BY \"id\", \"seq\"";
/// Gives table, column, kind.
pub(crate) const LIST_KINDS: &str = "SELECT \"table\", \"column\", \"kind\" FROM \"_columns\"";
/// Binds table, column, kind.
pub(crate) const RECORD_KIND: &str = "INSERT INTO \"_columns\" (\"table\", \"column\", \"kind\") VALUES (?1, ?2, ?3) \
     ON CONFLICT DO UPDATE SET \"kind\" = excluded.\"kind\"";
/// Binds table, column.
pub(crate) const FORGET_KIND: &str = "DELETE FROM \"_columns\" WHERE \"table\" = ?1 AND \"column\" = ?2";
/// Replaces a table's `CREATE` statement while the schema is writable. Binds the statement, the table.
pub(crate) const EDIT_TABLE: &str =
    "UPDATE sqlite_schema SET \"sql\" = ?1 WHERE \"type\" = 'table' AND \"name\" = ?2";

/// What a column holds; several kinds share one SQL type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Slug,
    Uuid,
    Timestamp,
    Date,
    Json,
    Integer,
    Boolean,
    Enum,
    Real,
    Bytes,
}

impl Kind {
    fn of(kind: FieldKind) -> Self {
        match kind {
            FieldKind::Text => Self::Text,
            FieldKind::Bool => Self::Boolean,
            FieldKind::Integer { .. } => Self::Integer,
            FieldKind::Float => Self::Real,
            FieldKind::Uuid => Self::Uuid,
            FieldKind::Timestamp => Self::Timestamp,
            FieldKind::Date => Self::Date,
            FieldKind::Bytes => Self::Bytes,
            FieldKind::Enum(_) => Self::Enum,
            FieldKind::List(_)
            | FieldKind::Map(_)
            | FieldKind::Object(_)
            | FieldKind::Foreign(_)
            | FieldKind::Json => Self::Json,
        }
    }

    const fn of_id(kind: IdKind) -> Self {
        match kind {
            IdKind::Uuid => Self::Uuid,
            IdKind::Slug => Self::Slug,
            IdKind::Integer => Self::Integer,
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Slug => "slug",
            Self::Uuid => "uuid",
            Self::Timestamp => "timestamp",
            Self::Date => "date",
            Self::Json => "json",
            Self::Integer => "integer",
            Self::Boolean => "boolean",
            Self::Enum => "enum",
            Self::Real => "real",
            Self::Bytes => "bytes",
        }
    }

    const fn sql(self) -> &'static str {
        match self {
            Self::Text | Self::Slug | Self::Uuid | Self::Timestamp | Self::Date | Self::Json => "TEXT",
            Self::Integer | Self::Boolean | Self::Enum => "INTEGER",
            Self::Real => "REAL",
            Self::Bytes => "BLOB",
        }
    }
}

/// A column that a table needs.
#[derive(Debug)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    nullable: bool,
    /// The literal that existing rows get.
    default: Option<String>,
    declared: Option<&'static EnumDescriptor>,
    /// Whether a declaration can add it to a table with rows: a field, or what `soft_delete` needs.
    is_declared: bool,
}

/// An index that a table needs.
#[derive(Debug)]
struct Index {
    name: String,
    columns: Vec<String>,
    unique: bool,
}

/// A table that the tree needs.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) name: String,
    pub(crate) columns: Vec<Column>,
    primary_key: Vec<String>,
    /// The owner's table, its key columns there and here, and whether rows go with their owner's.
    owner: Option<Owner>,
    indexes: Vec<Index>,
    is_single: bool,
    /// Whether its words are in an index, which is made of its values.
    is_searched: bool,
}

#[derive(Debug)]
struct Owner {
    table: String,
    from: Vec<String>,
    to: Vec<String>,
    cascade: bool,
}

/// How many indexes a row of a node is written to, beside the table.
pub(crate) fn index_count(node: &Node) -> u64 {
    let needed = node.descriptor.fields.iter().filter(|field| field.filter || field.order || field.unique);
    let words = u64::from(node.descriptor.is_searchable());
    let references =
        node.descriptor.fields.iter().filter(|field| field.references.is_some() && !field.unique);
    1 + needed.count() as u64
        + references.count() as u64
        + node.descriptor.indexes.len() as u64
        + u64::from(node.descriptor.soft_delete.is_some())
        + words
}

/// The tables of a tree, owners before what they own.
///
/// # Errors
///
/// When two nodes need the same table, or SQLite reserves its name.
pub(crate) fn tables(tree: &Tree) -> Result<Vec<Table>> {
    let mut names = HashSet::new();
    for node in tree.nodes() {
        if node.table.starts_with("sqlite_") || !names.insert(node.table.to_lowercase()) {
            let problem = format!(
                "the table `{}` of `{}` cannot be made; rename the segment",
                node.table, node.address
            );
            return Err(Error::internal(problem));
        }
    }
    Ok(tree.nodes().iter().map(|node| table(tree, node)).collect())
}

fn table(tree: &Tree, node: &Node) -> Table {
    let framework = |name: &str, kind, nullable| Column {
        name: name.to_owned(),
        kind,
        nullable,
        default: None,
        declared: None,
        is_declared: false,
    };
    let keys = tree.key_columns(node.id);
    let names: Vec<String> = keys.iter().map(|(name, _)| name.clone()).collect();
    let is_single = keys.is_empty();
    let mut columns: Vec<Column> = Vec::new();
    if is_single {
        columns.push(framework("_one", Kind::Integer, false));
    }
    columns.extend(keys.iter().map(|(name, kind)| framework(name, Kind::of_id(*kind), false)));
    let times: &[(&str, Kind, bool)] = if node.is_change_log {
        &[
            ("_incarnation", Kind::Integer, false),
            ("created_at", Kind::Timestamp, false),
            ("created_by", Kind::Text, true),
        ]
    } else {
        &[
            ("created_at", Kind::Timestamp, false),
            ("created_by", Kind::Text, true),
            ("updated_at", Kind::Timestamp, false),
            ("updated_by", Kind::Text, true),
            ("_revision", Kind::Integer, false),
            ("_incarnation", Kind::Integer, false),
            ("_changes", Kind::Integer, false),
        ]
    };
    columns.extend(times.iter().map(|(name, kind, nullable)| framework(name, *kind, *nullable)));
    if node.descriptor.soft_delete.is_some() {
        let deletion =
            [("deleted_at", Kind::Timestamp), ("deleted_by", Kind::Text), ("purge_at", Kind::Timestamp)];
        columns
            .extend(deletion.map(|(name, kind)| Column { is_declared: true, ..framework(name, kind, true) }));
    }
    columns.extend(node.descriptor.fields.iter().map(field_column));
    let primary_key = match (is_single, node.is_change_log) {
        (true, _) => vec!["_one".to_owned()],
        // The owner comes first, so that the changes of resources that were made together lie together.
        (false, true) => {
            let owner = names[..names.len() - 1].iter().cloned();
            owner.chain(["_incarnation".to_owned(), "id".to_owned()]).collect()
        }
        (false, false) => names.clone(),
    };
    let owner = node.owner.filter(|_| !node.is_change_log).map(|owner| {
        let to: Vec<String> = tree.key_columns(owner).into_iter().map(|(name, _)| name).collect();
        Owner {
            table: tree.node(owner).table.clone(),
            from: names[..to.len()].to_vec(),
            to,
            cascade: node.descriptor.is_singleton(),
        }
    });
    Table {
        name: node.table.clone(),
        columns,
        primary_key,
        owner,
        indexes: indexes(node, &names),
        is_single,
        is_searched: node.descriptor.is_searchable(),
    }
}

fn field_column(field: &FieldDescriptor) -> Column {
    Column {
        name: field.column.to_owned(),
        kind: Kind::of(field.kind),
        nullable: field.nullable,
        default: field.default_value().and_then(|value| literal(&value)),
        declared: match field.kind {
            FieldKind::Enum(declared) => Some(declared),
            _ => None,
        },
        is_declared: true,
    }
}

/// The name of an index has a dot, which the name of a table cannot have.
fn indexes(node: &Node, keys: &[String]) -> Vec<Index> {
    let mut indexes = Vec::new();
    if node.descriptor.soft_delete.is_some() {
        let name = format!("{}.purge_at", node.table);
        indexes.push(Index { name, columns: vec!["purge_at".to_owned()], unique: false });
    }
    for field in node.descriptor.fields {
        if field.unique {
            let name = unique_index(&node.table, field.column);
            indexes.push(Index { name, columns: vec![field.column.to_owned()], unique: true });
        }
        // What refers to a resource is looked for below every parent.
        if field.references.is_some() && !field.unique {
            let name = format!("{}.{}.references", node.table, field.column);
            indexes.push(Index { name, columns: vec![field.column.to_owned()], unique: false });
        }
        // One row at most has a unique value, so that the unique index serves a filter as well.
        let is_needed = field.order || (field.filter && !field.unique && field.kind.is_single());
        if let (true, Some((id, owner))) = (is_needed && !node.descriptor.is_singleton(), keys.split_last()) {
            let mut columns = owner.to_vec();
            columns.push(field.column.to_owned());
            columns.push(id.clone());
            indexes.push(Index { name: format!("{}.{}", node.table, field.column), columns, unique: false });
        }
    }
    if let Some((id, owner)) = keys.split_last() {
        // A field that a build leaves out takes its indexes along.
        let is_there = |column: &&str| node.descriptor.fields.iter().any(|field| field.column == *column);
        for declared in node.descriptor.indexes.iter().filter(|declared| declared.iter().all(is_there)) {
            let name = format!("{}.{}", node.table, declared.join("."));
            let fields = declared.iter().map(|column| (*column).to_owned());
            let columns = owner.iter().cloned().chain(fields).chain([id.clone()]).collect();
            indexes.push(Index { name, columns, unique: false });
        }
    }
    indexes
}

fn unique_index(table: &str, column: &str) -> String {
    format!("{table}.{column}.unique")
}

/// A default as SQL; `None` for null.
fn literal(value: &Value) -> Option<String> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(inner) => i64::from(*inner).to_string(),
        Value::Integer(inner) => inner.to_string(),
        Value::Float(inner) => format!("{inner:?}"),
        Value::Text(inner) => quote_text(inner),
        Value::Bytes(inner) => {
            let digits: String = inner.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("x'{digits}'")
        }
        Value::Uuid(inner) => quote_text(&inner.to_string()),
        Value::Timestamp(inner) => quote_text(&super::time::to_text(*inner)),
        Value::Date(inner) => quote_text(&inner.to_string()),
        Value::Json(inner) => quote_text(&inner.to_string()),
    })
}

impl Column {
    fn definition(&self) -> String {
        let mut sql = format!("{} {}", quote(&self.name), self.kind.sql());
        if !self.nullable {
            sql.push_str(" NOT NULL");
        }
        if let Some(default) = &self.default {
            sql.push_str(" DEFAULT ");
            sql.push_str(default);
        }
        if let Some(check) = self.check() {
            sql.push(' ');
            sql.push_str(&check);
        }
        sql
    }

    fn check(&self) -> Option<String> {
        match (self.declared, self.kind) {
            (Some(declared), _) => Some(variants_check(&self.name, &numbers(declared))),
            (None, Kind::Boolean) => Some(format!("CHECK ({} IN (0, 1))", quote(&self.name))),
            _ => None,
        }
    }
}

fn numbers(declared: &EnumDescriptor) -> Vec<i64> {
    let mut numbers: Vec<i64> = declared.variants.iter().map(|variant| variant.number).collect();
    numbers.sort_unstable();
    numbers
}

fn number_list(numbers: &[i64]) -> String {
    numbers.iter().map(i64::to_string).collect::<Vec<_>>().join(", ")
}

fn variants_check(column: &str, numbers: &[i64]) -> String {
    format!("CHECK ({} IN ({}))", quote(column), number_list(numbers))
}

impl Table {
    /// The statements that create the table and its indexes.
    pub(crate) fn create(&self) -> Vec<String> {
        let mut statements = vec![self.create_as(&self.name, &[])];
        statements.extend(self.indexes.iter().map(|index| index.create(&self.name)));
        statements
    }

    fn create_as(&self, name: &str, extra: &[String]) -> String {
        let mut parts: Vec<String> = self.columns.iter().map(Column::definition).collect();
        parts.extend_from_slice(extra);
        parts.push(format!("PRIMARY KEY ({})", quote_list(self.primary_key.iter().map(String::as_str))));
        if self.is_single {
            parts.push("CHECK (\"_one\" = 1)".to_owned());
        }
        if let Some(owner) = &self.owner {
            parts.push(owner.definition());
        }
        format!("CREATE TABLE {} (\n  {}\n) STRICT", quote(name), parts.join(",\n  "))
    }
}

impl Index {
    fn create(&self, table: &str) -> String {
        let unique = if self.unique { "UNIQUE " } else { "" };
        let columns = quote_list(self.columns.iter().map(String::as_str));
        format!("CREATE {unique}INDEX {} ON {} ({columns})", quote(&self.name), quote(table))
    }
}

impl Owner {
    fn definition(&self) -> String {
        let from = quote_list(self.from.iter().map(String::as_str));
        let to = quote_list(self.to.iter().map(String::as_str));
        let cascade = if self.cascade { " ON DELETE CASCADE" } else { "" };
        format!("FOREIGN KEY ({from}) REFERENCES {} ({to}){cascade}", quote(&self.table))
    }
}
