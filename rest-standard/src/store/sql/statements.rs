//! The statements of each table, rendered once when the store starts, and those of the framework's own tables.
//!
//! The order in which a statement's values are bound is given with it. "Key" stands for the ids of a path, the root
//! ancestor's first; the table of a singleton at the API root has none.

use std::{borrow::Cow, sync::Arc};

use super::{Dialect, Text, existing, quote, quote_list, schema::partitions::values_table, search};
use crate::{
    descriptor::{ExistingTable, FieldDescriptor, IdKind},
    error::{Error, Result},
    store::{Column, Extent},
    tree::{Node, NodeId, Tree},
};

/// The statements and the shape of one node's table.
#[derive(Debug)]
pub(crate) struct Table {
    /// The node.
    #[cfg_attr(not(feature = "sqlite"), allow(dead_code, reason = "what a cache goes by"))]
    pub(crate) node: NodeId,
    /// Whose SQL the statements are.
    pub(crate) dialect: Dialect,
    /// The table's plain name.
    pub(crate) name: String,
    /// The key columns' plain names, with the kinds of the ids in them.
    pub(crate) keys: Vec<(String, IdKind)>,
    /// The same as SQL: a column, or what an existing table above says of a row.
    pub(super) key_sql: Vec<String>,
    /// The place in a path of the first id that the table has a column for.
    pub(crate) stored_from: usize,
    /// The table that was there before the service.
    pub(crate) existing: Option<&'static ExistingTable>,
    /// The columns of it that the database computes, of which nothing is written.
    pub(super) computed: Vec<&'static str>,
    /// Whether it is partitioned, and what is unique over all is in tables of its own.
    is_partitioned: bool,
    /// The author's fields.
    pub(crate) fields: &'static [FieldDescriptor],
    /// Whether a field is searched for words.
    pub(crate) is_searched: bool,
    /// SQLite's index of words, where a field is searched.
    pub(crate) search: Option<search::Index>,
    /// Whether it holds changes.
    pub(crate) is_log: bool,
    /// Whether its rows can be soft-deleted.
    pub(crate) is_soft: bool,
    /// The log of this node's changes.
    pub(crate) log: Option<NodeId>,
    /// The collection that the rows belong to.
    pub(crate) owner: Option<NodeId>,
    /// The singletons that go with a row, each after those below it.
    pub(crate) singletons: Vec<NodeId>,
    /// The collections whose rows keep a row from being deleted.
    pub(crate) children: Vec<NodeId>,
    /// How many indexes a new row is written to.
    #[cfg_attr(not(feature = "sqlite"), allow(dead_code, reason = "what checkpoints are paced by"))]
    pub(crate) index_count: u64,
    /// Binds key, created at and by, updated at and by, revision, incarnation, change count, where rows can be
    /// soft-deleted deleted at and by and purge at, fields, and where [`has_lexemes`](Self::has_lexemes) the words. Of a log: key,
    /// incarnation, created at and by, fields.
    pub(crate) insert: Arc<str>,
    /// Gives the columns of a record but its id. Binds the key; of a log: owner's key, incarnation, id.
    pub(crate) read: Arc<str>,
    /// Gives revision, incarnation, change count; of an existing table a row. Binds the key.
    pub(crate) state: Arc<str>,
    /// Counts a change and gives the new count. Binds key, incarnation.
    pub(crate) count_change: Arc<str>,
    /// Gives the last change's id. Binds the owner's key, the incarnation.
    pub(crate) last_change: Arc<str>,
    /// Binds the key.
    pub(crate) delete: Arc<str>,
    record_columns: String,
}

/// The statements of all tables.
#[derive(Debug)]
pub(crate) struct Layout {
    /// The tree that they are a reading of.
    pub(crate) tree: Arc<Tree>,
    tables: Vec<Table>,
}

impl Layout {
    pub(crate) fn new(tree: Arc<Tree>, dialect: Dialect) -> Self {
        let tables = tree.nodes().iter().map(|node| Table::new(&tree, node, dialect)).collect();
        Self { tree, tables }
    }

    /// All tables, owners before what they own.
    pub(crate) fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// Learns which columns of existing tables the database computes; `is_computed` is asked by table and column.
    pub(crate) fn learn(&mut self, is_computed: impl Fn(&str, &str) -> bool) {
        for table in &mut self.tables {
            let Some(existing) = table.existing else { continue };
            let columns = table.fields.iter().map(|field| field.column);
            table.computed = columns.filter(|column| is_computed(existing.name, column)).collect();
            table.insert = table.render_insert_existing(existing).into();
        }
    }

    /// Learns that the tables are partitioned.
    #[cfg_attr(not(feature = "postgres"), allow(dead_code, reason = "SQLite has no partitions"))]
    pub(crate) fn learn_partitions(&mut self) {
        for table in &mut self.tables {
            table.is_partitioned = table.existing.is_none() && !table.keys.is_empty();
        }
    }

    /// The table of a node.
    ///
    /// # Errors
    ///
    /// `Internal` when the node is of another tree.
    pub(crate) fn table(&self, node: NodeId) -> Result<&Table> {
        self.tables.get(node.0).ok_or_else(|| Error::internal(format!("{node:?} is not in the store's tree")))
    }
}

impl Table {
    fn new(tree: &Tree, node: &Node, dialect: Dialect) -> Self {
        let (stored_from, keys) = existing::stored_keys(tree, node, dialect);
        let descriptor = node.descriptor;
        let index = || search::Index::new(&node.table, &keys, descriptor.fields);
        let mut table = Self {
            node: node.id,
            dialect,
            name: existing::table_name(node, dialect),
            is_searched: descriptor.is_searchable() && !keys.is_empty(),
            search: if dialect == Dialect::Sqlite { index() } else { None },
            keys,
            key_sql: existing::key_expressions(tree, node, dialect),
            stored_from,
            existing: descriptor.existing.as_ref(),
            computed: Vec::new(),
            is_partitioned: false,
            fields: descriptor.fields,
            is_log: node.is_change_log,
            is_soft: descriptor.soft_delete.is_some(),
            log: node.changes,
            owner: node.owner,
            singletons: singletons_below(tree, node),
            children: children_in_the_way(tree, node),
            index_count: super::schema::index_count(node),
            insert: Arc::default(),
            read: Arc::default(),
            state: Arc::default(),
            count_change: Arc::default(),
            last_change: Arc::default(),
            delete: Arc::default(),
            record_columns: record_columns(node),
        };
        if let Some(existing) = table.existing {
            table.record_columns = table.existing_columns(existing);
        }
        table.insert = match table.existing {
            Some(existing) => table.render_insert_existing(existing).into(),
            None => table.render_insert().into(),
        };
        table.read = table.render_read(&Extent::Whole).into();
        if table.is_log {
            table.last_change = table.render_last_change().into();
            table.delete = table.render_forget().into();
        } else if table.existing.is_some() {
            table.state = table.render_exists().into();
            table.delete = table.render_delete().into();
        } else {
            table.state = table.render_state().into();
            table.count_change = table.render_count_change().into();
            table.delete = table.render_delete().into();
        }
        table
    }

    /// The columns of a record that are read of it, but for its id, in the order in which `query` reads them.
    pub(crate) fn columns(&self, extent: &Extent) -> Cow<'_, str> {
        match extent {
            Extent::Whole => Cow::Borrowed(&self.record_columns),
            // What is in a row is its revision.
            Extent::Only(_) if self.existing.is_some() => Cow::Borrowed(&self.record_columns),
            Extent::Only(_) => Cow::Owned(quote_list(self.excerpt_columns(extent))),
        }
    }

    fn excerpt_columns<'a>(&'a self, extent: &'a Extent) -> impl Iterator<Item = &'a str> {
        let framework: &[(&str, &[Column])] = if self.is_log {
            &[
                ("created_at", &[Column::CreatedAt, Column::UpdatedAt]),
                ("created_by", &[Column::CreatedBy, Column::UpdatedBy]),
                ("_incarnation", &[Column::Id]),
            ]
        } else {
            &[
                ("created_at", &[Column::CreatedAt]),
                ("created_by", &[Column::CreatedBy]),
                ("updated_at", &[Column::UpdatedAt]),
                ("updated_by", &[Column::UpdatedBy]),
                ("_revision", &[Column::Id]),
            ]
        };
        let is_read = |columns: &[Column]| columns.iter().any(|column| extent.has(*column));
        let framework = framework.iter().filter(move |(_, columns)| is_read(columns)).map(|(name, _)| *name);
        let fields = self.fields.iter().enumerate();
        let fields = fields.filter(|(index, _)| extent.has(Column::Field(*index)));
        let deletion = DELETION.into_iter().filter(|_| self.is_soft);
        framework.chain(deletion).chain(fields.map(|(_, field)| field.column))
    }

    /// Appends the condition that the first `count` key columns equal bound values.
    pub(crate) fn push_key(&self, text: &mut Text, count: usize) {
        if self.keys.is_empty() {
            text.push("\"_one\" = 1");
        } else if count == 0 {
            text.push("TRUE");
        }
        let keys = self.key_sql.iter().take(count).enumerate();
        text.join(keys, " AND ", |text, (at, column)| {
            text.push(column).push(" = ").bind();
            self.push_key_cast(text, at);
        });
    }

    pub(super) fn whole_key(&self, text: &mut Text) {
        self.push_key(text, self.keys.len());
    }

    pub(super) fn start(&self, sql: &str) -> Text {
        let mut text = Text::new(self.dialect);
        text.push(sql).push(&quote(&self.name));
        text
    }

    fn render_insert(&self) -> String {
        let framework: &[&str] = if self.is_log {
            &["_incarnation", "created_at", "created_by"]
        } else {
            &["created_at", "created_by", "updated_at", "updated_by", "_revision", "_incarnation", "_changes"]
        };
        let columns = self.keys.iter().map(|(column, _)| column.as_str());
        let columns: Vec<&str> = columns
            .chain(framework.iter().copied())
            .chain(DELETION.into_iter().filter(|_| self.is_soft))
            .chain(self.fields.iter().map(|field| field.column))
            .collect();
        let (extra, literal) = if self.keys.is_empty() { ("\"_one\", ", "1, ") } else { ("", "") };
        let mut text = self.start("INSERT INTO ");
        text.push(" (").push(extra).push(&quote_list(columns.iter().copied()));
        if self.has_lexemes() {
            text.push(", ").push(&quote(search::LEXEMES));
        }
        text.push(") VALUES (").push(literal);
        text.join(&columns, ", ", |text, _| {
            text.bind();
        });
        if self.has_lexemes() {
            text.push(", array_to_tsvector(").bind().push("::text[])");
        }
        text.push(")");
        text.finish()
    }

    /// Whether each row has its words in a column.
    pub(crate) fn has_lexemes(&self) -> bool {
        self.is_searched && self.dialect == Dialect::Postgres
    }

    /// The statement `read` for as much of the row.
    pub(crate) fn render_read(&self, extent: &Extent) -> String {
        let mut text = Text::new(self.dialect);
        text.push("SELECT ")
            .push(&self.columns(extent))
            .push(" FROM ")
            .push(&quote(&self.name))
            .push(" WHERE ");
        if self.is_log {
            self.incarnation(&mut text);
            text.push(" AND \"id\" = ").bind();
        } else {
            self.whole_key(&mut text);
        }
        text.finish()
    }

    fn render_state(&self) -> String {
        let mut text = self.start("SELECT \"_revision\", \"_incarnation\", \"_changes\" FROM ");
        text.push(" WHERE ");
        self.whole_key(&mut text);
        text.finish()
    }

    /// Gives a row where an existing table has one. Binds the key.
    fn render_exists(&self) -> String {
        let mut text = self.start("SELECT 1 FROM ");
        text.push(" WHERE ");
        self.whole_key(&mut text);
        text.finish()
    }

    fn render_count_change(&self) -> String {
        let mut text = self.start("UPDATE ");
        text.push(" SET \"_changes\" = \"_changes\" + 1 WHERE ");
        self.whole_key(&mut text);
        text.push(" AND \"_incarnation\" = ").bind().push(" RETURNING \"_changes\"");
        text.finish()
    }

    fn render_last_change(&self) -> String {
        let mut text = self.start("SELECT max(\"id\") FROM ");
        text.push(" WHERE ");
        self.incarnation(&mut text);
        text.finish()
    }

    /// Of a log: the changes of one incarnation of a resource. Binds the owner's key, the incarnation.
    pub(crate) fn incarnation(&self, text: &mut Text) {
        self.push_key(text, self.keys.len().saturating_sub(1));
        text.push(" AND \"_incarnation\" = ").bind();
    }

    /// Of a log: the oldest entries made before a time. Gives the key, the incarnation; binds the time, the limit.
    pub(crate) fn aged_changes(&self) -> String {
        let keys = self.keys.iter().map(|(column, _)| column.as_str());
        let mut text = Text::new(self.dialect);
        text.push("SELECT ")
            .push(&quote_list(keys))
            .push(", \"_incarnation\" FROM ")
            .push(&quote(&self.name));
        text.push(" WHERE \"created_at\" < ").bind().push(" ORDER BY \"created_at\" LIMIT ").bind();
        text.finish()
    }

    /// Of a log: removes one entry. Binds the owner's key, the incarnation, the id.
    fn render_forget(&self) -> String {
        let mut text = self.start("DELETE FROM ");
        text.push(" WHERE ");
        self.incarnation(&mut text);
        text.push(" AND \"id\" = ").bind();
        text.finish()
    }

    fn render_delete(&self) -> String {
        let mut text = self.start("DELETE FROM ");
        text.push(" WHERE ");
        self.whole_key(&mut text);
        text.finish()
    }

    /// Deletes all rows below an ancestor with `depth` ids. Binds the ancestor's key.
    pub(crate) fn delete_below(&self, depth: usize) -> String {
        let mut text = self.start("DELETE FROM ");
        text.push(" WHERE ");
        self.push_key(&mut text, depth);
        text.finish()
    }

    /// Gives the key and the fields with `search` of all rows, which stay as they are until the transaction ends.
    pub(crate) fn searched(&self) -> String {
        let keys = self.keys.iter().map(|(column, _)| column.as_str());
        let fields = self.fields.iter().filter(|field| field.search).map(|field| field.column);
        let mut text = Text::new(self.dialect);
        text.push("SELECT ").push(&quote_list(keys.chain(fields))).push(" FROM ").push(&quote(&self.name));
        if self.dialect == Dialect::Postgres {
            // Other replicas write, and their words would go for those of what was read before.
            text.push(" FOR NO KEY UPDATE");
        }
        text.finish()
    }

    /// Gives key and revision of rows whose time to go for good has come. Binds the time and how many rows.
    pub(crate) fn expired(&self) -> String {
        let keys = self.keys.iter().map(|(column, _)| column.as_str());
        let mut text = Text::new(self.dialect);
        text.push("SELECT ").push(&quote_list(keys)).push(", \"_revision\" FROM ").push(&quote(&self.name));
        text.push(" WHERE \"purge_at\" <= ").bind().push(" ORDER BY \"purge_at\" LIMIT ").bind();
        text.finish()
    }

    /// Gives the key of each row whose field has a value. Binds the value.
    pub(crate) fn find_unique(&self, field: usize) -> String {
        let mut text = Text::new(self.dialect);
        let columns = if self.keys.is_empty() { "1".to_owned() } else { self.read_keys(0..self.keys.len()) };
        let from = match self.is_partitioned {
            true => values_table(&self.name, self.fields[field].column),
            false => self.name.clone(),
        };
        text.push("SELECT ").push(&columns).push(" FROM ").push(&quote(&from)).push(" WHERE ");
        self.push_equal(&mut text, &self.fields[field]);
        text.finish()
    }
}

fn record_columns(node: &Node) -> String {
    let framework: &[&str] = if node.is_change_log {
        &["created_at", "created_by", "_incarnation"]
    } else {
        &["created_at", "created_by", "updated_at", "updated_by", "_revision", "_incarnation", "_changes"]
    };
    let deletion = DELETION.into_iter().filter(|_| node.descriptor.soft_delete.is_some());
    let fields = node.descriptor.fields.iter().map(|field| field.column);
    quote_list(framework.iter().copied().chain(deletion).chain(fields))
}

/// The columns of tables whose rows can be soft-deleted.
pub(super) const DELETION: [&str; 3] = ["deleted_at", "deleted_by", "purge_at"];

fn singletons_below(tree: &Tree, node: &Node) -> Vec<NodeId> {
    let mut found = Vec::new();
    for child in
        node.children.iter().map(|child| tree.node(*child)).filter(|child| child.descriptor.is_singleton())
    {
        found.extend(singletons_below(tree, child));
        found.push(child.id);
    }
    found
}

/// The nearest collections below, through singletons, but for change logs.
fn children_in_the_way(tree: &Tree, node: &Node) -> Vec<NodeId> {
    let mut found = Vec::new();
    for child in node.children.iter().map(|child| tree.node(*child)).filter(|child| !child.is_change_log) {
        if child.descriptor.is_singleton() {
            found.extend(children_in_the_way(tree, child));
        } else {
            found.push(child.id);
        }
    }
    found
}
