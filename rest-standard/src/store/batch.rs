//! What is written: the writes of a batch, what must hold for them, and why a batch is refused.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::Record;
use crate::{
    error::Error,
    tree::NodeId,
    value::{Path, Value},
};

/// What must hold for a batch to be committed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Expect {
    /// The resource exists at this revision.
    Revision(NodeId, Path, i64),
    /// The resource exists, at any revision.
    Exists(NodeId, Path),
    /// The resource exists, at any revision, and is not soft-deleted.
    Live(NodeId, Path),
    /// The collection below the resource at this path has no rows but soft-deleted ones; unlike the others, once the
    /// batch's writes are done.
    Empty(NodeId, Path),
    /// No row of the node, soft-deleted or not, has the value in the field; once the batch's writes are done, too.
    Unreferenced(NodeId, usize, Value),
    /// No row is there.
    Absent(NodeId, Path),
}

/// One entry of a `changes` collection; its id is the owner's next `change_count`, taken by the store in the commit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// The resource's node, whose child is the log.
    pub owner: NodeId,
    /// The resource.
    pub path: Path,
    /// The resource's incarnation, which the entry hangs on.
    pub incarnation: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: Option<String>,
    /// The effective request id.
    pub request_id: String,
    /// `Create`, `Update`, `Delete` or the verb.
    pub method: String,
    /// A merge patch from before to after.
    pub patch: Json,
}

/// One effect of a batch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Write {
    /// Adds a row that must not be there (a violated key is a conflict). Its changes are counted on from its `change_count`.
    Insert(NodeId, Record),
    /// Replaces the row at the record's path, which is there. The store keeps `created_*`, `incarnation` and `change_count`.
    Update(NodeId, Record),
    /// Removes the row and the singletons below it; rows of child collections refuse it ([`Conflict::HasChildren`]).
    Delete(NodeId, Path),
    /// Removes the row and everything below it, but for change logs, whose rows stay and get no entry of it.
    DeleteTree(NodeId, Path),
    /// Appends to the change log of a resource and counts it in the owner's row, if that is still there.
    Append(Change),
    /// Removes the entry at this path of a change log, of this incarnation of its owner; nothing happens where it is not there.
    /// What the owner counts stays.
    Forget(NodeId, Path, i64),
}

impl Write {
    /// The node whose row is written; of a log's entry, the node whose change it is.
    pub(crate) const fn node(&self) -> NodeId {
        match self {
            Self::Insert(node, _) | Self::Update(node, _) => *node,
            Self::Delete(node, _) | Self::DeleteTree(node, _) | Self::Forget(node, ..) => *node,
            Self::Append(change) => change.owner,
        }
    }
}

/// The record of a request id: what makes a request happen at most once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RequestRecord {
    /// The caller's name; empty for an anonymous one.
    pub caller: String,
    /// The client's request id.
    pub id: String,
    /// SHA-256 over method, path, query and canonical body.
    pub fingerprint: [u8; 32],
    /// When it was committed.
    pub at: Timestamp,
    /// The HTTP status of the answer.
    pub status: u16,
    /// The `Location` of the answer.
    pub location: Option<String>,
    /// The `ETag` of the answer.
    pub etag: Option<String>,
    /// `data` of the answer, as JSON text.
    pub data: String,
}

/// A plan, ready to be committed: all of it happens, or nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WriteBatch {
    /// What must hold.
    pub expect: Vec<Expect>,
    /// What happens, in this order.
    pub writes: Vec<Write>,
    /// The request id that must be unused and is recorded with the writes.
    pub request: Option<RequestRecord>,
}

/// Why a batch was not committed.
#[derive(Debug)]
pub enum Conflict {
    /// An expectation does not hold, or a key is taken: plan again.
    Stale,
    /// The request id is recorded already: replay its answer.
    RequestIdUsed,
    /// A unique field has the value already: plan again, which names it.
    Unique,
    /// Rows of child collections are below a deleted row.
    HasChildren,
    /// The store failed; nothing was committed.
    Store(Error),
}

impl Conflict {
    /// What it is called where conflicts are counted and traced.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Stale => "stale",
            Self::RequestIdUsed => "request_id_used",
            Self::Unique => "unique",
            Self::HasChildren => "has_children",
            Self::Store(error) => error.reason().name(),
        }
    }
}

impl From<Error> for Conflict {
    fn from(error: Error) -> Self {
        Self::Store(error)
    }
}
