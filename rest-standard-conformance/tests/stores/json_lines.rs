//! A whole store in a page: one file, to which each commit is added as a line of JSON before it is answered.
//!
//! What is read is kept in memory. It is meant to show what a store must do, and has limits that one for production must
//! not have: it syncs one commit at a time, its file only grows, and it does not change with its declaration.

use std::{
    fs::File,
    io::{BufRead as _, BufReader, Write as _},
    path::PathBuf,
    sync::Arc,
};

use jiff::Timestamp;
use rest_standard::{
    descriptor::BoxFuture,
    error::{Error, Result},
    store::{
        Capabilities, Capability, Conflict, Extent, Page, Pieces, Record, RequestRecord, Scan, Store,
        WriteBatch, memory::MemoryStore,
    },
    tree::{NodeId, Tree},
    value::{Path, Value},
};
use rest_standard_conformance::{Place, store_conformance};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;
use tokio::sync::Mutex;

/// One line of the file.
#[derive(Serialize, Deserialize)]
enum Line {
    /// The first: what the first start decides, and the tables that the numbers of nodes mean.
    Start {
        at: Timestamp,
        secret: [u8; 32],
        tables: Vec<String>,
    },
    Commit(WriteBatch),
    Reserve(NodeId, i64),
    ForgetRequests(Timestamp, u64),
}

struct JsonLinesStore {
    path: PathBuf,
    rows: MemoryStore,
    /// The file, once the store is migrated. Whoever changes something holds it, so that lines are in the order in which
    /// they came true.
    file: Mutex<Option<Opened>>,
}

struct Opened {
    file: File,
    at: Timestamp,
    secret: [u8; 32],
    /// Whether a line may be there in part, so that nothing can be added behind it.
    broken: bool,
}

impl Opened {
    fn add(&mut self, line: &Line) -> Result<()> {
        if self.broken {
            return Err(Error::internal("a line could not be written; start the service again"));
        }
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        let written = self.file.write_all(&text).and_then(|()| self.file.sync_data());
        self.broken = written.is_err();
        Ok(written?)
    }
}

impl JsonLinesStore {
    fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), rows: MemoryStore::new(), file: Mutex::new(None) }
    }

    /// Repeats what the file says. A last line without its end was never answered, and is cut off.
    async fn open(&self, tree: Arc<Tree>, now: Timestamp) -> Result<Opened> {
        let tables: Vec<String> = tree.nodes().iter().map(|node| node.table.clone()).collect();
        let mut file = File::options().read(true).append(true).create(true).open(&self.path)?;
        let (mut start, mut whole) = (None, 0);
        let mut lines = BufReader::new(&file);
        let mut line = Vec::new();
        while lines.read_until(b'\n', &mut line)? > 0 && line.ends_with(b"\n") {
            whole += line.len() as u64;
            match serde_json::from_slice(&line)? {
                Line::Start { at, secret, tables: found } if found == tables => {
                    self.rows.migrate(tree.clone(), at).await?;
                    start = Some((at, secret));
                }
                Line::Start { .. } => {
                    return Err(Error::internal(
                        "the file was written for other resources; take another file",
                    ));
                }
                Line::Commit(batch) => match self.rows.commit(batch).await {
                    Ok(()) => {}
                    Err(conflict) => {
                        return Err(Error::internal(format!("the file is damaged: {conflict:?}")));
                    }
                },
                Line::Reserve(node, count) => drop(self.rows.reserve_ids(node, count).await?),
                Line::ForgetRequests(before, limit) => {
                    self.rows.forget_requests(before, limit).await?;
                }
            }
            line.clear();
        }
        file.set_len(whole)?;
        if let Some((at, secret)) = start {
            return Ok(Opened { file, at, secret, broken: false });
        }
        self.rows.migrate(tree, now).await?;
        let secret = self.rows.secret().await?;
        file.flush()?;
        let mut opened = Opened { file, at: now, secret, broken: false };
        opened.add(&Line::Start { at: now, secret, tables })?;
        Ok(opened)
    }
}

fn not_migrated() -> Error {
    Error::internal("the store was used before `migrate`")
}

impl Store for JsonLinesStore {
    // It could search as well, as the memory does; a store says what it is meant to keep up.
    fn capabilities(&self) -> Capabilities {
        Capabilities::ALL.without(Capability::Search).without(Capability::Table)
    }

    fn migrate(&self, tree: Arc<Tree>, now: Timestamp) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            let mut file = self.file.lock().await;
            if file.is_none() {
                *file = Some(self.open(tree, now).await?);
            }
            Ok(())
        })
    }

    fn commit(&self, batch: WriteBatch) -> BoxFuture<'_, Result<(), Conflict>> {
        Box::pin(async move {
            let mut file = self.file.lock().await;
            let file = file.as_mut().ok_or_else(not_migrated)?;
            // Nothing else changes while the file is held: what holds now holds when the line is there.
            self.rows.check(batch.clone()).await?;
            file.add(&Line::Commit(batch.clone()))?;
            self.rows.commit(batch).await
        })
    }

    fn reserve_ids(&self, node: NodeId, count: i64) -> BoxFuture<'_, Result<i64>> {
        Box::pin(async move {
            let mut file = self.file.lock().await;
            file.as_mut().ok_or_else(not_migrated)?.add(&Line::Reserve(node, count))?;
            self.rows.reserve_ids(node, count).await
        })
    }

    fn forget_requests(&self, before: Timestamp, limit: u64) -> BoxFuture<'_, Result<u64>> {
        Box::pin(async move {
            let mut file = self.file.lock().await;
            file.as_mut().ok_or_else(not_migrated)?.add(&Line::ForgetRequests(before, limit))?;
            self.rows.forget_requests(before, limit).await
        })
    }

    fn secret(&self) -> BoxFuture<'_, Result<[u8; 32]>> {
        Box::pin(async move { Ok(self.file.lock().await.as_ref().ok_or_else(not_migrated)?.secret) })
    }

    fn created_at(&self) -> BoxFuture<'_, Result<Timestamp>> {
        Box::pin(async move { Ok(self.file.lock().await.as_ref().ok_or_else(not_migrated)?.at) })
    }

    fn ready(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            match self.file.lock().await.as_ref() {
                Some(file) if !file.broken => Ok(()),
                _ => Err(not_migrated()),
            }
        })
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move { *self.file.lock().await = None })
    }

    // Everything below is read from memory.

    fn check(&self, batch: WriteBatch) -> BoxFuture<'_, Result<(), Conflict>> {
        self.rows.check(batch)
    }

    fn read<'a>(&'a self, node: NodeId, path: &'a Path) -> BoxFuture<'a, Result<Option<Arc<Record>>>> {
        self.rows.read(node, path)
    }

    fn read_all<'a>(
        &'a self,
        node: NodeId,
        paths: &'a [Path],
    ) -> BoxFuture<'a, Result<Vec<Option<Arc<Record>>>>> {
        self.rows.read_all(node, paths)
    }

    fn read_change<'a>(
        &'a self,
        log: NodeId,
        path: &'a Path,
        incarnation: i64,
    ) -> BoxFuture<'a, Result<Option<Arc<Record>>>> {
        self.rows.read_change(log, path, incarnation)
    }

    fn scan<'a>(&'a self, scan: &'a Scan) -> BoxFuture<'a, Result<Page>> {
        self.rows.scan(scan)
    }

    fn export<'a>(&'a self, scan: &'a Scan, extent: &'a Extent) -> BoxFuture<'a, Result<Pieces>> {
        self.rows.export(scan, extent)
    }

    fn find_unique<'a>(
        &'a self,
        node: NodeId,
        field: usize,
        value: &'a Value,
    ) -> BoxFuture<'a, Result<Option<Path>>> {
        self.rows.find_unique(node, field, value)
    }

    fn expired(&self, node: NodeId, now: Timestamp, limit: u64) -> BoxFuture<'_, Result<Vec<(Path, i64)>>> {
        self.rows.expired(node, now, limit)
    }

    fn aged_changes(
        &self,
        log: NodeId,
        before: Timestamp,
        limit: u64,
    ) -> BoxFuture<'_, Result<Vec<(Path, i64)>>> {
        self.rows.aged_changes(log, before, limit)
    }

    fn requests<'a>(
        &'a self,
        after: Option<(&'a str, &'a str)>,
        limit: u64,
    ) -> BoxFuture<'a, Result<Vec<RequestRecord>>> {
        self.rows.requests(after, limit)
    }

    fn find_request<'a>(
        &'a self,
        caller: &'a str,
        id: &'a str,
    ) -> BoxFuture<'a, Result<Option<RequestRecord>>> {
        self.rows.find_request(caller, id)
    }
}

struct Folder(TempDir);

impl Place for Folder {
    async fn empty() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    fn open(&self) -> Arc<dyn Store> {
        Arc::new(JsonLinesStore::new(self.0.path().join("store.jsonl")))
    }
}

store_conformance!(conformance: Folder);

/// Half a line at the end is what a crash leaves; its request was never answered.
#[tokio::test]
async fn half_a_line_is_cut_off() {
    let folder = Folder::empty().await;
    let tree = Arc::new(Tree::build(&[]).expect("no resource is no mistake"));
    let path = folder.0.path().join("store.jsonl");
    let secret = async || {
        let store = folder.open();
        store.migrate(tree.clone(), Timestamp::UNIX_EPOCH).await.expect("the file is read");
        store.secret().await.expect("it is there")
    };
    let first = secret().await;
    let whole = std::fs::read(&path).expect("the file is there");
    std::fs::write(&path, [&whole, &b"{\"Commit\":{\"expe"[..]].concat()).expect("it is written");
    assert_eq!(secret().await, first);
    assert_eq!(std::fs::read(&path).expect("the file is there"), whole);
}
