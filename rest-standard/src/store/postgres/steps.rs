//! A batch as the statements that decide it, in the order in which they are sent.
//!
//! First the record of the request id, which keeps a second request with the id waiting; then the locks of what is expected to
//! be as it is, in one order for all batches, so that no two wait for each other; then the writes; then what must hold after
//! them. At *read committed* each statement sees what was committed before it, and nothing that was demanded can change any
//! more: a row that was locked is the row that was looked at, and a row that must not be there is kept out by its unique key,
//! by an owner that nobody else sees yet, by the lock of its owner, or by that of its table.

mod locks;

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    sync::Arc,
};

use self::locks::Folded;
use super::value::Param;
use crate::{
    error::Error,
    search::words_of,
    store::{
        Change, Expect, Record, RequestRecord, Write, WriteBatch,
        sql::{
            appends::Appends,
            existing::Which,
            guarded::{Number, Update},
            postgres::INSERT_REQUEST,
            schema::Kind,
            statements::{Layout, Table},
        },
    },
    tree::NodeId,
    value::{Id, Path},
};

/// One statement of a commit.
#[derive(Debug)]
pub(super) struct Step<'a> {
    pub(super) sql: Cow<'a, str>,
    pub(super) params: Vec<Param<'a>>,
    pub(super) what: What<'a>,
}

/// What a step does, which says what its failure means.
#[derive(Clone, Copy, Debug)]
pub(super) enum What<'a> {
    /// Records the request id.
    Request,
    /// Locks, and demands something.
    Lock,
    /// Adds a row.
    Insert(NodeId, &'a Path),
    /// Changes a row.
    Update(NodeId, &'a Path),
    /// Demands that a row of an existing table holds what was written.
    Kept(NodeId, &'a Path),
    /// Demands that nothing is below a row that goes.
    Children,
    /// Removes rows.
    Delete,
    /// Adds a change.
    Append,
    /// Demands something of what is left.
    After,
}

/// The rows of existing tables whose revisions a batch expects, as they were read; `None` where one has another revision. What is
/// in such a row is its revision, so that the row as it was read is what its lock demands.
pub(super) type Held = HashMap<(NodeId, Path), Option<Arc<Record>>>;

/// The statements of a batch.
///
/// # Errors
///
/// When the batch does not fit the tree.
pub(super) fn steps<'a>(
    layout: &'a Layout,
    batch: &'a WriteBatch,
    held: &'a Held,
) -> Result<Vec<Step<'a>>, Error> {
    let mut this = Steps {
        layout,
        batch,
        held,
        writers: Writers::of(batch),
        appends: Appends::new(batch),
        counted: HashMap::new(),
        steps: Vec::with_capacity(batch.expect.len() + batch.writes.len() + 1),
    };
    if let Some(request) = &batch.request {
        this.request(request);
    }
    let folded = this.locks()?;
    for (at, write) in batch.writes.iter().enumerate() {
        match write {
            Write::Insert(node, record) => this.insert(at, *node, record)?,
            Write::Update(node, record) => this.update(at, *node, record, folded.as_ref())?,
            Write::Delete(node, path) => this.delete(*node, path)?,
            Write::DeleteTree(node, path) => this.delete_tree(*node, path)?,
            Write::Append(change) => this.append(change)?,
            Write::Forget(log, path, incarnation) => this.forget(*log, path, *incarnation)?,
        }
    }
    this.after()?;
    Ok(this.steps)
}

struct Steps<'a> {
    layout: &'a Layout,
    batch: &'a WriteBatch,
    held: &'a Held,
    writers: Writers<'a>,
    appends: Appends<'a>,
    /// How many changes of a row were added that its own statement counted.
    counted: HashMap<(NodeId, &'a Path), i64>,
    steps: Vec<Step<'a>>,
}

/// Which writes of a batch are of which row; a seed may have very many.
struct Writers<'a> {
    inserted: HashSet<(NodeId, &'a Path)>,
    has_deletes: bool,
    last: HashMap<(NodeId, &'a Path), (usize, &'a Record)>,
}

impl<'a> Writers<'a> {
    fn of(batch: &'a WriteBatch) -> Self {
        let has_deletes =
            batch.writes.iter().any(|write| matches!(write, Write::Delete(..) | Write::DeleteTree(..)));
        let mut this = Self { inserted: HashSet::new(), has_deletes, last: HashMap::new() };
        for (at, write) in batch.writes.iter().enumerate() {
            let (Write::Insert(node, record) | Write::Update(node, record)) = write else { continue };
            if matches!(write, Write::Insert(..)) {
                this.inserted.insert((*node, &record.path));
            }
            this.last.insert((*node, &record.path), (at, record));
        }
        this
    }
}

impl<'a> Steps<'a> {
    fn table(&self, node: NodeId) -> Result<&'a Table, Error> {
        self.layout.table(node)
    }

    fn push(&mut self, what: What<'a>, sql: impl Into<Cow<'a, str>>, params: Vec<Param<'a>>) {
        self.steps.push(Step { sql: sql.into(), params, what });
    }

    fn request(&mut self, request: &'a RequestRecord) {
        let params = vec![
            Param::Text(&request.caller),
            Param::Text(&request.id),
            Param::Bytes(&request.fingerprint),
            Param::Timestamp(request.at),
            Param::Integer(i64::from(request.status)),
            Param::optional(request.location.as_deref()),
            Param::optional(request.etag.as_deref()),
            Param::Text(&request.data),
        ];
        self.push(What::Request, INSERT_REQUEST, params);
    }

    fn is_singleton(&self, node: NodeId) -> bool {
        self.layout.tree.node(node).descriptor.is_singleton()
    }

    fn inserts(&self, node: NodeId, path: &'a Path) -> bool {
        self.writers.inserted.contains(&(node, path))
    }

    fn insert(&mut self, at: usize, node: NodeId, record: &'a Record) -> Result<(), Error> {
        let table = self.shaped(node, record)?;
        if table.existing.is_some() {
            let ids = record.path.0[table.stored_from..].iter().map(Param::id);
            let params = ids.chain(table.inserted(record).into_iter().map(Param::cell)).collect();
            self.push(What::Insert(node, &record.path), &*table.insert, params);
            self.kept(node, table, record);
            return Ok(());
        }
        let count = self.counted_by(at, node, record);
        let mut params: Vec<Param<'a>> = Param::key(&record.path).collect();
        params.push(Param::Timestamp(record.created_at));
        params.push(Param::optional(record.created_by.as_deref()));
        params.push(Param::Timestamp(record.updated_at));
        params.push(Param::optional(record.updated_by.as_deref()));
        params.push(Param::Integer(record.revision));
        params.push(Param::Integer(record.incarnation));
        params.push(Param::Integer(record.change_count + count));
        push_values(&mut params, table, record);
        self.push(What::Insert(node, &record.path), &*table.insert, params);
        Ok(())
    }

    fn update(
        &mut self,
        at: usize,
        node: NodeId,
        record: &'a Record,
        folded: Option<&Folded<'a>>,
    ) -> Result<(), Error> {
        let table = self.shaped(node, record)?;
        if let Some(existing) = table.existing {
            let values = table.updated(record).into_iter().map(Param::cell);
            let params = values.chain(Param::key(&record.path)).collect();
            self.push(What::Update(node, &record.path), table.update_existing(existing, record), params);
            self.kept(node, table, record);
            return Ok(());
        }
        let folded = folded.filter(|folded| folded.node == node && *folded.path == record.path);
        let revision = folded.and_then(|folded| folded.revision);
        let count = self.counted_by(at, node, record);
        let update = Update { counts: count > 0, demands: true, at_revision: revision.is_some() };
        let mut params = vec![
            Param::Timestamp(record.updated_at),
            Param::optional(record.updated_by.as_deref()),
            Param::Integer(record.revision),
        ];
        if update.counts {
            params.extend([Param::Integer(record.incarnation), Param::Integer(count)]);
        }
        push_values(&mut params, table, record);
        params.extend(Param::key(&record.path));
        params.extend(revision.map(Param::Integer));
        self.push(What::Update(node, &record.path), table.update_guarded(update), params);
        Ok(())
    }

    fn kept(&mut self, node: NodeId, table: &'a Table, record: &'a Record) {
        let mut params: Vec<Param<'a>> = Param::key(&record.path).collect();
        let held = table.held(record, Which::Written);
        params.extend(held.map(|(kind, value)| Param::field(kind, value)));
        self.push(What::Kept(node, &record.path), table.demand_kept(record), params);
    }

    fn shaped(&self, node: NodeId, record: &Record) -> Result<&'a Table, Error> {
        let table = self.table(node)?;
        let fits = record.path.0.len() == table.keys.len() && record.row.0.len() == table.fields.len();
        if table.is_log || !fits {
            return Err(Error::internal(format!("a record does not fit the table `{}`", table.name)));
        }
        Ok(table)
    }

    fn delete(&mut self, node: NodeId, path: &'a Path) -> Result<(), Error> {
        let table = self.table(node)?;
        // What belongs to a row of a collection goes with it or keeps it, by foreign keys. Those of what is below a singleton
        // lead past it, and an existing table may have none.
        let is_asked = self.layout.tree.node(node).descriptor.is_singleton() || table.existing.is_some();
        for child in &table.children {
            if is_asked || self.table(*child)?.existing.is_some() {
                let sql = self.table(*child)?.demand_none_below(path.0.len(), false);
                self.push(What::Children, sql, Param::key(path).collect());
            }
        }
        if is_asked {
            for singleton in &table.singletons {
                let sql = &*self.table(*singleton)?.delete;
                self.push(What::Delete, sql, Param::key(path).collect());
            }
        }
        self.push(What::Delete, &*table.delete, Param::key(path).collect());
        Ok(())
    }

    fn delete_tree(&mut self, node: NodeId, path: &'a Path) -> Result<(), Error> {
        for below in self.layout.tree.descendants(node).into_iter().rev() {
            let table = self.table(below)?;
            if !table.is_log {
                let sql = table.delete_below(path.0.len());
                self.push(What::Delete, sql, Param::key(path).collect());
            }
        }
        self.push(What::Delete, &*self.table(node)?.delete, Param::key(path).collect());
        Ok(())
    }

    fn append(&mut self, change: &'a Change) -> Result<(), Error> {
        let owner = self.table(change.owner)?;
        let Some(log) = owner.log else {
            return Err(Error::internal(format!("`{}` keeps no change log", owner.name)));
        };
        let log = self.table(log)?;
        let counted = self.counted_after(change);
        let mut params: Vec<Param<'a>> = Param::key(&change.path).collect();
        if let Some(Counted { id: Some(id), .. }) = counted {
            params.push(Param::Integer(id));
        }
        params.push(Param::Integer(change.incarnation));
        params.push(Param::Timestamp(change.at));
        params.push(Param::optional(change.by.as_deref()));
        params.push(Param::Text(&change.request_id));
        params.push(Param::Text(&change.method));
        params.push(Param::Json(&change.patch, Kind::Document));
        let sql: Cow<'a, str> = match counted {
            Some(Counted { id: Some(_), .. }) => Cow::Borrowed(&log.insert),
            Some(Counted { after, .. }) => {
                params.push(Param::Integer(after));
                log.append(owner, Number::Counted).into()
            }
            None => log.append(owner, Number::Next).into(),
        };
        self.push(What::Append, sql, params);
        Ok(())
    }

    fn forget(&mut self, log: NodeId, path: &'a Path, incarnation: i64) -> Result<(), Error> {
        let log = self.table(log)?;
        let Some((Id::Integer(id), owner)) = path.0.split_last() else { return Ok(()) };
        if path.0.len() == log.keys.len() {
            let mut params: Vec<Param<'a>> = owner.iter().map(Param::id).collect();
            params.extend([Param::Integer(incarnation), Param::Integer(*id)]);
            self.push(What::Delete, &*log.delete, params);
        }
        Ok(())
    }

    /// How many of the changes at the end the write at `at` counts: all of its row, where no write of the row comes later.
    fn counted_by(&self, at: usize, node: NodeId, record: &Record) -> i64 {
        match self.writers.last.get(&(node, &record.path)) {
            Some((writer, _)) if *writer == at => {
                self.appends.after(at, node, &record.path, record.incarnation)
            }
            _ => 0,
        }
    }

    /// How the statement that wrote the change's owner counted it; `None` where none did.
    fn counted_after(&mut self, change: &'a Change) -> Option<Counted> {
        let key = (change.owner, &change.path);
        let (writer, record) = *self.writers.last.get(&key)?;
        let all = self.appends.after(writer, change.owner, &change.path, record.incarnation);
        if all == 0 || record.incarnation != change.incarnation {
            return None;
        }
        let counted = self.counted.entry(key).or_default();
        *counted += 1;
        // How many a row that is new begins with is known.
        let id =
            matches!(self.batch.writes[writer], Write::Insert(..)).then_some(record.change_count + *counted);
        Some(Counted { id, after: all - *counted })
    }

    fn after(&mut self) -> Result<(), Error> {
        for expect in &self.batch.expect {
            match expect {
                Expect::Empty(node, path) => {
                    let sql = self.table(*node)?.demand_none_below(path.0.len(), true);
                    self.push(What::After, sql, Param::key(path).collect());
                }
                Expect::Unreferenced(node, field, value) => {
                    let table = self.table(*node)?;
                    let Some(declared) = table.fields.get(*field) else {
                        return Err(Error::internal(format!("`{}` has no field {field}", table.name)));
                    };
                    let sql = table.demand_unreferenced(*field);
                    self.push(What::After, sql, vec![Param::field(declared.kind, value)]);
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// A change that the statement of its owner counted.
struct Counted {
    /// Its id, where that is known before.
    id: Option<i64>,
    /// How many were counted after it.
    after: i64,
}

/// The values of a row: when it was deleted, its fields, its words.
fn push_values<'a>(params: &mut Vec<Param<'a>>, table: &Table, record: &'a Record) {
    if table.is_soft {
        match &record.deletion {
            Some(deletion) => params.extend([
                Param::Timestamp(deletion.at),
                Param::optional(deletion.by.as_deref()),
                Param::Timestamp(deletion.purge_at),
            ]),
            None => params.extend([Param::Null, Param::Null, Param::Null]),
        }
    }
    params
        .extend(table.fields.iter().zip(&record.row.0).map(|(field, value)| Param::field(field.kind, value)));
    if table.has_lexemes() {
        params.push(Param::Texts(words_of(table.fields, &record.row).into_iter().collect()));
    }
}
