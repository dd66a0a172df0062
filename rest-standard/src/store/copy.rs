//! All resources of one store in another, the same on both sides to the last revision.
//!
//! It goes through the same two doors as everything else: rows are scanned in the order of their keys, and batches are committed.
//! What is there already is looked at and left, so a copy that broke off goes on when it is started again.

use std::{mem, sync::Arc};

use super::{Change, Column, Conflict, Count, Direction, Record, Scan, Scope, Store, Write, WriteBatch};
use crate::{
    descriptor::IdKind,
    error::{Error, Reason, Result},
    tree::{CHANGE_METHOD, CHANGE_PATCH, CHANGE_REQUEST_ID, Node, NodeId, Tree},
    value::{Id, Path, Value},
};

/// How many rows are read at once.
const PAGE: u64 = 500;
/// How large they may be together.
const PAGE_BYTES: usize = 4 << 20;
/// How many writes a commit has at most.
const WRITES: usize = 500;
/// How many records of request ids are committed at once, each on its own.
const AT_ONCE: usize = 32;

/// A part of a copy that is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The address of the collection or singleton, or `request ids`.
    pub what: String,
    /// What was copied.
    pub copied: u64,
    /// What was there already.
    pub there: u64,
}

/// How much was copied, all parts together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Copied {
    /// The resources that were copied.
    pub resources: u64,
    /// The entries of change logs that were copied.
    pub changes: u64,
    /// The records of request ids that were copied.
    pub requests: u64,
}

/// Copies all resources with their revisions, times and changes, and all records of request ids, from one store to another;
/// `done` hears of each part. Both are migrated to `tree`, and nothing else writes to either.
///
/// What is in `to` already must be the same. Integer ids go on where those of `from` had come to. The secret of page cursors and
/// the time of the first start are the store's own and stay behind, and so do changes of resources that are no more, which
/// nobody can ask for.
///
/// # Errors
///
/// When either store fails; when `to` has a resource that `from` has not, or has otherwise; when a resource is in an existing
/// table, which is not the framework's to copy. What was copied until then stays, and is found by the next copy.
pub async fn copy(
    from: &dyn Store,
    to: &dyn Store,
    tree: &Arc<Tree>,
    done: &mut (dyn FnMut(Part) + Send),
) -> Result<Copied> {
    if let Some(node) = tree.nodes().iter().find(|node| node.descriptor.existing.is_some()) {
        return Err(refusal(format!(
            "`{}` is in an existing table, and what was there before the service goes by the database's own means",
            node.address
        )));
    }
    let mut copy = Copy { from, to, tree, pending: Vec::new(), copied: Copied::default() };
    for node in tree.nodes().iter().filter(|node| !node.is_change_log && is_first(tree, node)) {
        copy.collection(node, done).await?;
    }
    copy.requests(done).await?;
    Ok(copy.copied)
}

/// Whether rows of the node are read for themselves, not with those of the collection above.
fn is_first(tree: &Tree, node: &Node) -> bool {
    !node.descriptor.is_singleton() || node.owner.is_none_or(|owner| tree.node(owner).is_change_log)
}

fn refusal(text: String) -> Error {
    Error::new(Reason::Unavailable, text)
}

struct Copy<'a> {
    from: &'a dyn Store,
    to: &'a dyn Store,
    tree: &'a Arc<Tree>,
    pending: Vec<Write>,
    copied: Copied,
}

impl Copy<'_> {
    /// The resources of a collection with their singletons, or a singleton at the API root.
    async fn collection(&mut self, node: &Node, done: &mut (dyn FnMut(Part) + Send)) -> Result<()> {
        let before = self.copied.resources;
        let mut there = 0;
        if node.depth == 0 {
            if let Some(record) = self.from.read(node.id, &Path::default()).await? {
                there += self.rows(node, vec![record]).await?;
            }
        } else {
            let singletons: Vec<&Node> = self
                .tree
                .nodes()
                .iter()
                .filter(|below| below.owner == Some(node.id) && below.descriptor.is_singleton())
                .collect();
            let mut scan = whole(node);
            loop {
                let page = self.from.scan(&scan).await?;
                let Some(last) = page.records.last() else { break };
                let order = scan.order.iter().map(|(column, _)| column.value(last));
                scan.after = Some(order.chain([Column::Id.value(last)]).collect());
                let paths: Vec<Path> = page.records.iter().map(|record| record.path.clone()).collect();
                there += self.rows(node, page.records).await?;
                for singleton in &singletons {
                    let found = self.from.read_all(singleton.id, &paths).await?;
                    there += self.rows(singleton, found.into_iter().flatten().collect()).await?;
                }
                self.flush().await?;
                if !page.more {
                    break;
                }
            }
            self.compare_counts(node).await?;
            if node.id_kind() == Some(IdKind::Integer) {
                self.reserve(node.id).await?;
            }
        }
        self.flush().await?;
        done(Part { what: node.address.clone(), copied: self.copied.resources - before, there });
        Ok(())
    }

    /// Plans the rows that are not there yet; gives how many are.
    async fn rows(&mut self, node: &Node, records: Vec<Arc<Record>>) -> Result<u64> {
        let paths: Vec<Path> = records.iter().map(|record| record.path.clone()).collect();
        let found = self.to.read_all(node.id, &paths).await?;
        let mut there = 0;
        for (record, found) in records.into_iter().zip(found) {
            let counted = match &found {
                Some(found) if is_same(&record, found) => {
                    there += 1;
                    Some(found.change_count)
                }
                Some(_) => return Err(differs(node, &record.path)),
                None => None,
            };
            if counted == Some(record.change_count) {
                continue;
            }
            self.row(node, &record, counted).await?;
        }
        Ok(there)
    }

    /// Plans a row of whose changes the other store has counted so many, or that it does not have.
    async fn row(&mut self, node: &Node, record: &Arc<Record>, counted: Option<i64>) -> Result<()> {
        let mut changes = node.changes.map(|log| Changes::of(log, record, counted));
        let mut page = match &mut changes {
            Some(changes) => changes.next(self.from).await?,
            None => Vec::new(),
        };
        let mut last = match counted {
            Some(counted) => counted,
            None => {
                // The ids of changes go on from what was counted before the first of them that is still there.
                let first = page.first().and_then(|entry| number(entry));
                let change_count = first.map_or(record.change_count, |first| first - 1);
                self.push(Write::Insert(node.id, Record { change_count, ..(**record).clone() })).await?;
                self.copied.resources += 1;
                change_count
            }
        };
        while !page.is_empty() {
            for entry in &page {
                let id = number(entry).unwrap_or(last + 1);
                self.skip(node, entry, last, id - 1).await?;
                last = id;
                self.push(Write::Append(change(node.id, entry))).await?;
                self.copied.changes += 1;
            }
            page = match &mut changes {
                Some(changes) => changes.next(self.from).await?,
                None => Vec::new(),
            };
        }
        self.skip(node, record, last, record.change_count).await
    }

    /// Uses the numbers after `last` up to `end` of changes that are no more: replicas' clocks differ, so that old ones do not go
    /// strictly in their order.
    async fn skip(&mut self, node: &Node, like: &Record, last: i64, end: i64) -> Result<()> {
        let Some(log) = node.changes else { return Ok(()) };
        let path = match like.path.0.len() > node.depth {
            true => like.path.ancestor(node.depth),
            false => like.path.clone(),
        };
        for id in last + 1..=end {
            let gone = Change {
                owner: node.id,
                path: path.clone(),
                incarnation: like.incarnation,
                at: like.created_at,
                by: None,
                request_id: String::new(),
                method: String::new(),
                patch: serde_json::Value::Null,
            };
            self.pending.push(Write::Append(gone));
            self.push(Write::Forget(log, path.join(Id::Integer(id)), like.incarnation)).await?;
        }
        Ok(())
    }

    async fn push(&mut self, write: Write) -> Result<()> {
        self.pending.push(write);
        if self.pending.len() >= WRITES {
            self.flush().await?;
        }
        Ok(())
    }

    async fn flush(&mut self) -> Result<()> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let writes = mem::take(&mut self.pending);
        let batch = WriteBatch { expect: Vec::new(), writes, request: None };
        self.to.commit(batch).await.map_err(|conflict| match conflict {
            Conflict::Store(error) => error,
            other => refusal(format!(
                "the copy met something that was not there a moment ago ({other:?}); end what else writes to either database, and \
                 copy again"
            )),
        })
    }

    /// Whoever wrote in the meantime, or a resource that was deleted since an earlier copy, is seen by this.
    async fn compare_counts(&mut self, node: &Node) -> Result<()> {
        self.flush().await?;
        let scan = Scan { limit: 1, count: Count::Exact, ..whole(node) };
        let count = |page: super::Page| page.total.map_or(0, |total| total.count);
        let (here, there) = (count(self.from.scan(&scan).await?), count(self.to.scan(&scan).await?));
        if here == there {
            return Ok(());
        }
        Err(refusal(format!(
            "`{}` has {here} resources here and {there} in the copy; the copy has some that are not here any more: copy into an empty \
             database, while nothing else writes",
            node.address
        )))
    }

    /// Ids that were given away once are never given again.
    async fn reserve(&self, node: NodeId) -> Result<()> {
        let next = self.from.reserve_ids(node, 1).await?;
        let given = self.to.reserve_ids(node, 1).await?;
        // The one that was asked for was given to nobody.
        if given + 1 < next {
            self.to.reserve_ids(node, next - given - 1).await?;
        }
        Ok(())
    }

    /// The records of request ids, so that a request that is sent again after the move happens once.
    async fn requests(&mut self, done: &mut (dyn FnMut(Part) + Send)) -> Result<()> {
        let mut there = 0;
        let mut after: Option<(String, String)> = None;
        loop {
            let from = after.as_ref().map(|(caller, id)| (caller.as_str(), id.as_str()));
            let page = self.from.requests(from, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some((last.caller.clone(), last.id.clone()));
            for records in page.chunks(AT_ONCE) {
                let commits = records.iter().map(|record| {
                    let request = Some(record.clone());
                    self.to.commit(WriteBatch { request, ..WriteBatch::default() })
                });
                for outcome in futures_util::future::join_all(commits).await {
                    match outcome {
                        Ok(()) => self.copied.requests += 1,
                        Err(Conflict::RequestIdUsed) => there += 1,
                        Err(Conflict::Store(error)) => return Err(error),
                        Err(other) => return Err(Error::internal(format!("a record met {other:?}"))),
                    }
                }
            }
        }
        done(Part { what: "request ids".to_owned(), copied: self.copied.requests, there });
        Ok(())
    }
}

/// All rows of a collection, in the order of their keys.
fn whole(node: &Node) -> Scan {
    let scope = match node.depth {
        1 => Scope::Below(Path::default()),
        _ => Scope::Across(Path::default()),
    };
    let above = (0..node.depth.saturating_sub(1)).map(|at| (Column::Above(at), Direction::Ascending));
    Scan { order: above.collect(), bytes: PAGE_BYTES, ..Scan::all(node.id, scope, PAGE) }
}

/// A revision is drawn anew at each change.
fn is_same(one: &Record, other: &Record) -> bool {
    one.revision == other.revision
        && one.incarnation == other.incarnation
        && one.change_count >= other.change_count
}

fn differs(node: &Node, path: &Path) -> Error {
    let ids: Vec<String> = path.0.iter().map(ToString::to_string).collect();
    refusal(format!(
        "`{}` {} is in the copy already, and is not the same; copy into an empty database, while nothing else writes",
        node.address,
        ids.join("/")
    ))
}

/// The id of an entry of a change log.
fn number(entry: &Record) -> Option<i64> {
    match entry.path.id() {
        Some(Id::Integer(id)) => Some(*id),
        _ => None,
    }
}

/// The entry as what was appended.
fn change(owner: NodeId, entry: &Record) -> Change {
    let text = |at: usize| match entry.row.0.get(at) {
        Some(Value::Text(text)) => text.clone(),
        _ => String::new(),
    };
    Change {
        owner,
        path: entry.path.ancestor(entry.path.0.len().saturating_sub(1)),
        incarnation: entry.incarnation,
        at: entry.created_at,
        by: entry.created_by.clone(),
        request_id: text(CHANGE_REQUEST_ID),
        method: text(CHANGE_METHOD),
        patch: match entry.row.0.get(CHANGE_PATCH) {
            Some(Value::Json(patch)) => patch.clone(),
            _ => serde_json::Value::Null,
        },
    }
}

/// The changes of one resource, page by page.
struct Changes {
    scan: Scan,
    is_over: bool,
}

impl Changes {
    /// Those after the ones that are counted.
    fn of(log: NodeId, record: &Record, counted: Option<i64>) -> Self {
        let scope = Scope::Changes(record.path.clone(), record.incarnation);
        let after = counted.map(|counted| vec![Value::Integer(counted)]);
        Self { scan: Scan { after, bytes: PAGE_BYTES, ..Scan::all(log, scope, PAGE) }, is_over: false }
    }

    async fn next(&mut self, store: &dyn Store) -> Result<Vec<Arc<Record>>> {
        if self.is_over {
            return Ok(Vec::new());
        }
        let page = store.scan(&self.scan).await?;
        self.is_over = !page.more;
        self.scan.after = page.records.last().map(|last| vec![Column::Id.value(last)]);
        Ok(page.records)
    }
}
