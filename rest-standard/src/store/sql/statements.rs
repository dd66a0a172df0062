//! The statements of each table, rendered once when the store starts, and those of the framework's own tables.
//!
//! The order in which a statement's values are bound is given with it. "Key" stands for the ids of a path, the root
//! ancestor's first; the table of a singleton at the API root has none.

use std::{borrow::Cow, sync::Arc};

use super::{Text, quote, quote_list, search};
use crate::{
    descriptor::{FieldDescriptor, IdKind},
    error::{Error, Result},
    store::{Column, Extent},
    tree::{Node, NodeId, Tree},
};

/// Begins a transaction that reads one snapshot.
pub(crate) const BEGIN_READ: &str = "BEGIN DEFERRED";
/// Begins a transaction that writes.
pub(crate) const BEGIN_WRITE: &str = "BEGIN IMMEDIATE";
/// Ends a transaction.
pub(crate) const COMMIT: &str = "COMMIT";
/// Undoes a transaction.
pub(crate) const ROLLBACK: &str = "ROLLBACK";
/// Begins one batch of a group.
pub(crate) const SAVEPOINT: &str = "SAVEPOINT batch";
/// Undoes one batch of a group.
pub(crate) const ROLLBACK_BATCH: &str = "ROLLBACK TO batch";
/// Ends one batch of a group.
pub(crate) const RELEASE: &str = "RELEASE batch";

/// Gives how many tables the file has.
pub(crate) const COUNT_TABLES: &str = "SELECT count(*) FROM sqlite_schema WHERE \"type\" = 'table'";
/// What the file says of itself: format, service, creation time, secret.
pub(crate) const READ_META: &str =
    "SELECT \"format\", \"service\", \"created_at\", \"secret\" FROM \"_meta\" WHERE \"_one\" = 1";
/// Binds format, service, creation time, secret.
pub(crate) const INSERT_META: &str = "INSERT INTO \"_meta\" (\"_one\", \"format\", \"service\", \"created_at\", \"secret\") VALUES (1, ?1, ?2, ?3, ?4)";
/// Writes a page, to see whether the disk takes it. SQLite does not write a page whose bytes stay the same.
pub(crate) const PROBE: &str = "UPDATE \"_meta\" SET \"probe\" = 1 - \"probe\" WHERE \"_one\" = 1";
/// Reads something small, which makes a read transaction take its snapshot.
pub(crate) const TAKE_SNAPSHOT: &str = "SELECT \"format\" FROM \"_meta\"";

/// Takes the statistics that indexes are chosen by, from a sample of each index.
pub(crate) const TAKE_STATISTICS: &str = "PRAGMA analysis_limit = 400; ANALYZE";
/// Takes the statistics of tables that have none or have grown much; at the start.
pub(crate) const FIRST_STATISTICS: &str = "PRAGMA analysis_limit = 400; PRAGMA optimize = 0x10002";
/// The same before the file is closed.
pub(crate) const TIDY_STATISTICS: &str = "PRAGMA analysis_limit = 400; PRAGMA optimize";

/// Binds caller, id, fingerprint, time, status, location, etag, data.
pub(crate) const INSERT_REQUEST: &str = "INSERT INTO \"_requests\" (\"caller\", \"id\", \"fingerprint\", \"at\", \
     \"status\", \"location\", \"etag\", \"data\") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
/// Asks for the plan of a statement in place of its rows.
pub(crate) fn explain(sql: &str) -> String {
    ["EXPLAIN QUERY PLAN ", sql].concat()
}

/// Binds caller, id.
pub(crate) const FIND_REQUEST: &str = "SELECT \"fingerprint\", \"at\", \"status\", \"location\", \"etag\", \"data\" \
     FROM \"_requests\" WHERE \"caller\" = ?1 AND \"id\" = ?2";
/// Looks at the oldest rows only, since rows stand in the order of their commits. Binds the time.
pub(crate) const FORGET_REQUESTS: &str = "DELETE FROM \"_requests\" WHERE \"_row\" IN \
     (SELECT \"_row\" FROM \"_requests\" ORDER BY \"_row\" LIMIT 500) AND \"at\" < ?1";

/// Binds table, count; gives the number after the reserved ones.
pub(crate) const RESERVE_IDS: &str = "INSERT INTO \"_sequences\" (\"table\", \"next\") VALUES (?1, 1 + ?2) \
     ON CONFLICT (\"table\") DO UPDATE SET \"next\" = \"next\" + ?2 RETURNING \"next\"";
/// Gives back the end of a block that nobody used. Binds table, next, end.
pub(crate) const RETURN_IDS: &str =
    "UPDATE \"_sequences\" SET \"next\" = ?2 WHERE \"table\" = ?1 AND \"next\" = ?3";

/// The statements and the shape of one node's table.
#[derive(Debug)]
pub(crate) struct Table {
    /// The node.
    pub(crate) node: NodeId,
    /// The table's plain name.
    pub(crate) name: String,
    /// The key columns' plain names, with the kinds of the ids in them.
    pub(crate) keys: Vec<(String, IdKind)>,
    /// The author's fields.
    pub(crate) fields: &'static [FieldDescriptor],
    /// The index of words, where a field is searched.
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
    pub(crate) index_count: u64,
    /// Binds key, created at and by, updated at and by, revision, incarnation, change count, where rows can be
    /// soft-deleted deleted at and by and purge at, fields. Of a log: key, incarnation, created at and by, fields.
    pub(crate) insert: Arc<str>,
    /// Gives the columns of a record but its id. Binds the key; of a log: owner's key, incarnation, id.
    pub(crate) read: Arc<str>,
    /// Gives revision, incarnation, change count. Binds the key.
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
    pub(crate) fn new(tree: Arc<Tree>) -> Self {
        let tables = tree.nodes().iter().map(|node| Table::new(&tree, node)).collect();
        Self { tree, tables }
    }

    /// All tables, owners before what they own.
    pub(crate) fn tables(&self) -> &[Table] {
        &self.tables
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
    fn new(tree: &Tree, node: &Node) -> Self {
        let keys = tree.key_columns(node.id);
        let descriptor = node.descriptor;
        let mut table = Self {
            node: node.id,
            name: node.table.clone(),
            search: search::Index::new(&node.table, &keys, descriptor.fields),
            keys,
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
        table.insert = table.render_insert().into();
        table.read = table.render_read(&Extent::Whole).into();
        if table.is_log {
            table.last_change = table.render_last_change().into();
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
        text.join(&self.keys[..count.min(self.keys.len())], " AND ", |text, (column, _)| {
            text.push(&quote(column)).push(" = ").bind();
        });
    }

    fn whole_key(&self, text: &mut Text) {
        self.push_key(text, self.keys.len());
    }

    fn start(&self, sql: &str) -> Text {
        let mut text = Text::default();
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
        text.push(" (")
            .push(extra)
            .push(&quote_list(columns.iter().copied()))
            .push(") VALUES (")
            .push(literal);
        text.join(&columns, ", ", |text, _| {
            text.bind();
        });
        text.push(")");
        text.finish()
    }

    /// The statement `read` for as much of the row.
    pub(crate) fn render_read(&self, extent: &Extent) -> String {
        let mut text = Text::default();
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

    fn render_delete(&self) -> String {
        let mut text = self.start("DELETE FROM ");
        text.push(" WHERE ");
        self.whole_key(&mut text);
        text.finish()
    }

    /// Updates the given fields and the framework's columns; a row is never replaced, since columns that a newer
    /// release added must keep their values. Binds updated at and by, revision, with `counts` the change count, where rows
    /// can be soft-deleted deleted at and by and purge at, the fields, key, and with `at_revision` the revision that the
    /// row must have.
    pub(crate) fn update(&self, fields: &[usize], counts: bool, at_revision: bool) -> String {
        let mut text = self.start("UPDATE ");
        text.push(" SET \"updated_at\" = ")
            .bind()
            .push(", \"updated_by\" = ")
            .bind()
            .push(", \"_revision\" = ")
            .bind();
        if counts {
            text.push(", \"_changes\" = ").bind();
        }
        for column in DELETION.into_iter().filter(|_| self.is_soft) {
            text.push(", ").push(&quote(column)).push(" = ").bind();
        }
        for field in fields {
            text.push(", ").push(&quote(self.fields[*field].column)).push(" = ").bind();
        }
        text.push(" WHERE ");
        self.whole_key(&mut text);
        if at_revision {
            text.push(" AND \"_revision\" = ").bind();
        }
        text.finish()
    }

    /// Deletes all rows below an ancestor with `depth` ids. Binds the ancestor's key.
    pub(crate) fn delete_below(&self, depth: usize) -> String {
        let mut text = self.start("DELETE FROM ");
        text.push(" WHERE ");
        self.push_key(&mut text, depth);
        text.finish()
    }

    /// Gives whether there is a row, with `live` one that is not soft-deleted, below an ancestor with `depth` ids, which
    /// with all ids is the row itself. Binds the ancestor's key.
    pub(crate) fn exists_below(&self, depth: usize, live: bool) -> String {
        let mut text = self.start("SELECT EXISTS (SELECT 1 FROM ");
        text.push(" WHERE ");
        self.push_key(&mut text, depth);
        if live && self.is_soft {
            text.push(" AND \"deleted_at\" IS NULL");
        }
        text.push(")");
        text.finish()
    }

    /// Gives the key and the fields with `search` of all rows.
    pub(crate) fn searched(&self) -> String {
        let keys = self.keys.iter().map(|(column, _)| column.as_str());
        let fields = self.fields.iter().filter(|field| field.search).map(|field| field.column);
        let mut text = Text::default();
        text.push("SELECT ").push(&quote_list(keys.chain(fields))).push(" FROM ").push(&quote(&self.name));
        text.finish()
    }

    /// Gives key and revision of rows whose time to go for good has come. Binds the time and how many rows.
    pub(crate) fn expired(&self) -> String {
        let keys = self.keys.iter().map(|(column, _)| column.as_str());
        let mut text = Text::default();
        text.push("SELECT ").push(&quote_list(keys)).push(", \"_revision\" FROM ").push(&quote(&self.name));
        text.push(" WHERE \"purge_at\" <= ").bind().push(" ORDER BY \"purge_at\" LIMIT ").bind();
        text.finish()
    }

    /// Gives the key of each row whose field has a value. Binds the value.
    pub(crate) fn find_unique(&self, field: usize) -> String {
        let mut text = Text::default();
        let keys = self.keys.iter().map(|(column, _)| column.as_str());
        let columns = if self.keys.is_empty() { "1".to_owned() } else { quote_list(keys) };
        text.push("SELECT ").push(&columns).push(" FROM ").push(&quote(&self.name)).push(" WHERE ");
        text.push(&quote(self.fields[field].column)).push(" = ").bind();
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
const DELETION: [&str; 3] = ["deleted_at", "deleted_by", "purge_at"];

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
