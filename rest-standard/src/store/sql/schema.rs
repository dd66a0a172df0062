//! The tables that a tree needs, and what separates an existing database from them.
//!
//! What only adds is done at start: tables, columns that are nullable or have a default, indexes, variants of an enum.
//! Extra tables and extra columns that a row can be inserted without are left alone, since a newer release may have
//! made them. Everything else is a [`Difference`]: it is put in words, with the SQL that would mend it, and nothing is
//! changed.

use std::collections::HashSet;

mod compare;
pub(crate) mod declared;
pub(crate) mod existing;
mod mend;
pub(crate) mod partitions;
pub(crate) mod script;

pub(crate) use compare::{Found, FoundColumn, FoundForeignKey, FoundIndex, Plan};

use super::{Dialect, quote, quote_list, quote_text, search::LEXEMES};
use crate::{
    descriptor::{EnumDescriptor, FieldDescriptor, FieldKind, IdKind},
    error::{Error, Result},
    tree::{Node, NodeId, Tree},
    value::Value,
};

/// What a column holds; several kinds share one SQL type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Slug,
    Uuid,
    Timestamp,
    Date,
    /// A list, a map or an object with declared members.
    Json,
    /// JSON whose form is not known.
    Document,
    Integer,
    Boolean,
    Enum,
    Real,
    Bytes,
    /// The words of a row, which Postgres alone keeps in a column.
    Lexemes,
}

impl Kind {
    pub(crate) fn of(kind: FieldKind) -> Self {
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
            FieldKind::List(_) | FieldKind::Map(_) | FieldKind::Object(_) => Self::Json,
            FieldKind::Foreign(_) | FieldKind::Json => Self::Document,
        }
    }

    pub(crate) const fn of_id(kind: IdKind) -> Self {
        match kind {
            IdKind::Uuid => Self::Uuid,
            IdKind::Slug => Self::Slug,
            IdKind::Text => Self::Text,
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
            Self::Json | Self::Document => "json",
            Self::Integer => "integer",
            Self::Boolean => "boolean",
            Self::Enum => "enum",
            Self::Real => "real",
            Self::Bytes => "bytes",
            Self::Lexemes => "lexemes",
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
    renamed_from: Option<&'static str>,
    converted_from: Option<&'static str>,
    /// The least and the greatest integer of the field's type.
    bounds: Option<(i64, i64)>,
    /// Whether a declaration can add it to a table with rows: a field, or what `soft_delete` needs.
    is_declared: bool,
}

/// An index that a table needs.
#[derive(Debug)]
struct Index {
    name: String,
    columns: Vec<String>,
    unique: bool,
    is_of_words: bool,
}

/// A table that the tree needs.
#[derive(Debug)]
pub(crate) struct Table {
    dialect: Dialect,
    pub(crate) name: String,
    pub(crate) columns: Vec<Column>,
    primary_key: Vec<String>,
    /// In how many parts Postgres keeps it, by the first column of the key; 0 where it is one.
    partitions: u32,
    /// The owner's table, its key columns there and here, and whether rows go with their owner's.
    owner: Option<Owner>,
    indexes: Vec<Index>,
    is_single: bool,
    /// Whether its words are in an index, which is made of its values.
    is_searched: bool,
    /// Columns that are to go.
    dropped: &'static [&'static str],
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
/// When two nodes need the same table, or the engine takes its name or that of a column for its own.
pub(crate) fn tables(tree: &Tree, dialect: Dialect, partitions: u32) -> Result<Vec<Table>> {
    let mut names = HashSet::new();
    // What is in a table of somebody else's is not made.
    let own = || tree.nodes().iter().filter(|node| node.descriptor.existing.is_none());
    for node in own() {
        let is_reserved = dialect == Dialect::Sqlite && node.table.starts_with("sqlite_");
        if is_reserved || !names.insert(node.table.to_lowercase()) {
            let problem = format!(
                "the table `{}` of `{}` cannot be made; rename the segment",
                node.table, node.address
            );
            return Err(Error::internal(problem));
        }
    }
    let tables: Vec<Table> = own().map(|node| table(tree, node, dialect, partitions)).collect();
    for table in &tables {
        table.check_columns()?;
    }
    Ok(tables)
}

fn table(tree: &Tree, node: &Node, dialect: Dialect, partitions: u32) -> Table {
    let framework = |name: &str, kind, nullable| Column {
        name: name.to_owned(),
        kind,
        nullable,
        default: None,
        declared: None,
        renamed_from: None,
        converted_from: None,
        bounds: None,
        is_declared: false,
    };
    let keys = dialect.keys(tree.key_columns(node.id));
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
    columns.extend(node.descriptor.fields.iter().map(|field| field_column(field, dialect)));
    let is_searched = node.descriptor.is_searchable() && !is_single;
    let has_lexemes = is_searched && dialect == Dialect::Postgres;
    if has_lexemes {
        columns.push(Column {
            is_declared: true,
            default: Some("''".to_owned()),
            ..framework(LEXEMES, Kind::Lexemes, false)
        });
    }
    let primary_key = match (is_single, node.is_change_log) {
        (true, _) => vec!["_one".to_owned()],
        // The owner comes first, so that the changes of resources that were made together lie together.
        (false, true) => {
            let owner = names[..names.len() - 1].iter().cloned();
            owner.chain(["_incarnation".to_owned(), "id".to_owned()]).collect()
        }
        (false, false) => names.clone(),
    };
    // A table of somebody else's gets no keys that lead to it.
    let is_made = |owner: &NodeId| !node.is_change_log && tree.node(*owner).descriptor.existing.is_none();
    let owner = node.owner.filter(is_made).map(|owner| {
        let keys = dialect.keys(tree.key_columns(owner));
        let to: Vec<String> = keys.into_iter().map(|(name, _)| name).collect();
        Owner {
            table: dialect.name(&tree.node(owner).table).into_owned(),
            from: names[..to.len()].to_vec(),
            to,
            cascade: node.descriptor.is_singleton(),
        }
    });
    let mut indexes = indexes(node, &names);
    if is_pruned(tree, node) {
        indexes.push(Index::of_one(node, "created_at"));
    }
    if has_lexemes {
        let name = format!("{}.{LEXEMES}", node.table);
        indexes.push(Index { name, columns: vec![LEXEMES.to_owned()], unique: false, is_of_words: true });
    }
    for index in &mut indexes {
        index.name = dialect.name(&index.name).into_owned();
    }
    Table {
        dialect,
        name: dialect.name(&node.table).into_owned(),
        columns,
        primary_key,
        partitions: if is_single { 0 } else { partitions },
        owner,
        indexes,
        is_single,
        is_searched,
        dropped: node.descriptor.dropped,
    }
}

fn field_column(field: &FieldDescriptor, dialect: Dialect) -> Column {
    Column {
        name: field.column.to_owned(),
        kind: Kind::of(field.kind),
        nullable: field.nullable,
        default: field.default_value().and_then(|value| literal(&value, dialect)),
        declared: match field.kind {
            FieldKind::Enum(declared) => Some(declared),
            _ => None,
        },
        renamed_from: field.renamed_from,
        converted_from: field.converted_from,
        bounds: match field.kind {
            FieldKind::Integer { min, max } => Some((min, max)),
            _ => None,
        },
        is_declared: true,
    }
}

/// The name of an index has a dot, which the name of a table cannot have.
fn indexes(node: &Node, keys: &[String]) -> Vec<Index> {
    let mut indexes = Vec::new();
    if node.descriptor.soft_delete.is_some() {
        indexes.push(Index::of_one(node, "purge_at"));
    }
    for field in node.descriptor.fields {
        if field.unique {
            let name = unique_index(&node.table, field.column);
            indexes.push(Index {
                name,
                columns: vec![field.column.to_owned()],
                unique: true,
                is_of_words: false,
            });
        }
        // What refers to a resource is looked for below every parent.
        if field.references.is_some() && !field.unique {
            let name = format!("{}.{}.references", node.table, field.column);
            indexes.push(Index {
                name,
                columns: vec![field.column.to_owned()],
                unique: false,
                is_of_words: false,
            });
        }
        // One row at most has a unique value, so that the unique index serves a filter as well.
        let is_needed = field.order || (field.filter && !field.unique && field.kind.is_single());
        if let (true, Some((id, owner))) = (is_needed && !node.descriptor.is_singleton(), keys.split_last()) {
            let mut columns = owner.to_vec();
            columns.push(field.column.to_owned());
            columns.push(id.clone());
            indexes.push(Index {
                name: format!("{}.{}", node.table, field.column),
                columns,
                unique: false,
                is_of_words: false,
            });
        }
    }
    if let Some((id, owner)) = keys.split_last() {
        // A field that a build leaves out takes its indexes along.
        let is_there = |column: &&str| node.descriptor.fields.iter().any(|field| field.column == *column);
        for declared in node.descriptor.indexes.iter().filter(|declared| declared.iter().all(is_there)) {
            let name = format!("{}.{}", node.table, declared.join("."));
            let fields = declared.iter().map(|column| (*column).to_owned());
            let columns = owner.iter().cloned().chain(fields).chain([id.clone()]).collect();
            indexes.push(Index { name, columns, unique: false, is_of_words: false });
        }
    }
    indexes
}

fn unique_index(table: &str, column: &str) -> String {
    format!("{table}.{column}.unique")
}

/// The name of the check of an enum's column, by which Postgres changes it.
fn check_name(table: &str, column: &str) -> String {
    Dialect::Postgres.name(&format!("{table}.{column}.variants")).into_owned()
}

/// A default as SQL; `None` for null.
fn literal(value: &Value, dialect: Dialect) -> Option<String> {
    let is_postgres = dialect == Dialect::Postgres;
    Some(match value {
        Value::Null => return None,
        Value::Bool(inner) if is_postgres => inner.to_string(),
        Value::Bool(inner) => i64::from(*inner).to_string(),
        Value::Integer(inner) => inner.to_string(),
        Value::Float(inner) => format!("{inner:?}"),
        Value::Text(inner) => quote_text(inner),
        Value::Bytes(inner) => {
            let digits: String = inner.iter().map(|byte| format!("{byte:02x}")).collect();
            if is_postgres { format!("'\\x{digits}'") } else { format!("x'{digits}'") }
        }
        Value::Uuid(inner) => quote_text(&inner.to_string()),
        Value::Timestamp(inner) => quote_text(&super::time::to_text(*inner)),
        Value::Date(inner) => quote_text(&inner.to_string()),
        Value::Json(inner) => quote_text(&inner.to_string()),
    })
}

impl Column {
    fn definition(&self, table: &Table) -> String {
        let mut sql = format!("{} {}", quote(&self.name), table.dialect.column_type(self.kind));
        if !self.nullable {
            sql.push_str(" NOT NULL");
        }
        if let Some(default) = &self.default {
            sql.push_str(" DEFAULT ");
            sql.push_str(default);
        }
        if let Some(check) = self.check(table) {
            sql.push(' ');
            sql.push_str(&check);
        }
        sql
    }

    fn check(&self, table: &Table) -> Option<String> {
        match (self.declared, self.kind, table.dialect) {
            (Some(declared), _, Dialect::Sqlite) => Some(variants_check(&self.name, &numbers(declared))),
            (Some(declared), _, Dialect::Postgres) => {
                let name = check_name(&table.name, &self.name);
                Some(format!(
                    "CONSTRAINT {} {}",
                    quote(&name),
                    variants_check(&self.name, &numbers(declared))
                ))
            }
            (None, Kind::Boolean, Dialect::Sqlite) => {
                Some(format!("CHECK ({} IN (0, 1))", quote(&self.name)))
            }
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
    /// Postgres cuts long names without a word.
    fn check_columns(&self) -> Result<()> {
        match self.columns.iter().find(|column| self.dialect.name(&column.name) != column.name) {
            Some(column) => Err(Error::internal(format!(
                "the column `{}` of the table `{}` has more than 63 bytes, which Postgres does not keep; rename the field",
                column.name, self.name
            ))),
            None => Ok(()),
        }
    }

    /// The statements that create the table and its indexes.
    pub(crate) fn create(&self) -> Vec<String> {
        let mut statements = vec![self.create_as(&self.name, &[])];
        statements.extend(self.create_parts());
        statements.extend(self.indexes.iter().flat_map(|index| self.create_index(index, false)));
        statements
    }

    fn create_as(&self, name: &str, extra: &[String]) -> String {
        let mut parts: Vec<String> = self.columns.iter().map(|column| column.definition(self)).collect();
        parts.extend_from_slice(extra);
        parts.push(format!("PRIMARY KEY ({})", quote_list(self.primary_key.iter().map(String::as_str))));
        if self.is_single {
            parts.push("CHECK (\"_one\" = 1)".to_owned());
        }
        if let Some(owner) = &self.owner {
            parts.push(owner.definition());
        }
        let end = match self.dialect {
            Dialect::Sqlite => " STRICT".to_owned(),
            Dialect::Postgres => self.partitioning(),
        };
        format!("CREATE TABLE {} (\n  {}\n){end}", quote(name), parts.join(",\n  "))
    }
}

/// Whether entries of the change log go by their age.
fn is_pruned(tree: &Tree, node: &Node) -> bool {
    let owner = node.parent.filter(|_| node.is_change_log).map(|owner| tree.node(owner).descriptor);
    owner.is_some_and(|owner| owner.keep_changes.is_some())
}

impl Index {
    /// The index of one of the framework's columns, in the order of which rows go.
    fn of_one(node: &Node, column: &str) -> Self {
        let name = format!("{}.{column}", node.table);
        Self { name, columns: vec![column.to_owned()], unique: false, is_of_words: false }
    }

    fn create(&self, table: &Table) -> String {
        let unique = if table.is_kept_apart(self) { "UNIQUE " } else { "" };
        let is_nullable =
            |name: &String| table.columns.iter().any(|column| column.name == *name && column.nullable);
        let columns: Vec<String> = self
            .columns
            .iter()
            .map(|name| match table.dialect {
                // Null is lowest in every order of the standard.
                Dialect::Postgres if is_nullable(name) => format!("{} NULLS FIRST", quote(name)),
                _ => quote(name),
            })
            .collect();
        let method = if self.is_of_words { " USING gin" } else { "" };
        format!(
            "CREATE {unique}INDEX {} ON {}{method} ({})",
            quote(&self.name),
            quote(&table.name),
            columns.join(", ")
        )
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
