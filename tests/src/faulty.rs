//! A store that fails, hangs or takes its time when it is told to.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use rest_standard::{
    error::{Error, Reason, Result},
    store::{
        Conflict, Extent, Page, Pieces, Record, RequestRecord, Scan, Store, WriteBatch, memory::MemoryStore,
    },
    tree::{NodeId, Tree},
    value::{Path, Value},
};

type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What the store does with what it is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    /// What any store does.
    #[default]
    Well,
    /// It fails.
    Failing,
    /// It cannot be reached.
    Away,
    /// It never answers.
    Hanging,
    /// Its commits take this long.
    Slow(Duration),
}

/// A store in memory with a mood.
#[derive(Debug, Default)]
pub struct Faulty {
    inner: MemoryStore,
    mood: Mutex<Mood>,
}

impl Faulty {
    /// A store in this mood.
    #[must_use]
    pub fn new(mood: Mood) -> Arc<Self> {
        Arc::new(Self { inner: MemoryStore::new(), mood: Mutex::new(mood) })
    }

    /// Changes the mood.
    pub fn set(&self, mood: Mood) {
        *self.mood.lock().unwrap_or_else(PoisonError::into_inner) = mood;
    }

    async fn obey(&self) -> Result<()> {
        let mood = *self.mood.lock().unwrap_or_else(PoisonError::into_inner);
        match mood {
            Mood::Well | Mood::Slow(_) => Ok(()),
            Mood::Failing => Err(Error::internal("the store was told to fail")),
            Mood::Away => Err(Error::new(Reason::Unavailable, "The database cannot be reached.")),
            Mood::Hanging => std::future::pending().await,
        }
    }
}

impl Store for Faulty {
    fn migrate(&self, tree: Arc<Tree>, now: Timestamp) -> Boxed<'_, Result<()>> {
        self.inner.migrate(tree, now)
    }
    fn read<'a>(&'a self, node: NodeId, path: &'a Path) -> Boxed<'a, Result<Option<Arc<Record>>>> {
        Box::pin(async move {
            self.obey().await?;
            self.inner.read(node, path).await
        })
    }
    fn read_all<'a>(
        &'a self,
        node: NodeId,
        paths: &'a [Path],
    ) -> Boxed<'a, Result<Vec<Option<Arc<Record>>>>> {
        Box::pin(async move {
            self.obey().await?;
            self.inner.read_all(node, paths).await
        })
    }
    fn read_change<'a>(
        &'a self,
        log: NodeId,
        path: &'a Path,
        of: i64,
    ) -> Boxed<'a, Result<Option<Arc<Record>>>> {
        Box::pin(async move {
            self.obey().await?;
            self.inner.read_change(log, path, of).await
        })
    }
    fn scan<'a>(&'a self, scan: &'a Scan) -> Boxed<'a, Result<Page>> {
        Box::pin(async move {
            self.obey().await?;
            self.inner.scan(scan).await
        })
    }
    fn export<'a>(&'a self, scan: &'a Scan, extent: &'a Extent) -> Boxed<'a, Result<Pieces>> {
        Box::pin(async move {
            self.obey().await?;
            self.inner.export(scan, extent).await
        })
    }
    fn find_unique<'a>(
        &'a self,
        node: NodeId,
        field: usize,
        value: &'a Value,
    ) -> Boxed<'a, Result<Option<Path>>> {
        Box::pin(async move {
            self.obey().await?;
            self.inner.find_unique(node, field, value).await
        })
    }
    fn expired(&self, node: NodeId, now: Timestamp, limit: u64) -> Boxed<'_, Result<Vec<(Path, i64)>>> {
        Box::pin(async move {
            self.obey().await?;
            self.inner.expired(node, now, limit).await
        })
    }
    fn find_request<'a>(&'a self, caller: &'a str, id: &'a str) -> Boxed<'a, Result<Option<RequestRecord>>> {
        Box::pin(async move {
            self.obey().await?;
            self.inner.find_request(caller, id).await
        })
    }
    fn commit(&self, batch: WriteBatch) -> Boxed<'_, Result<(), Conflict>> {
        Box::pin(async move {
            let mood = *self.mood.lock().unwrap_or_else(PoisonError::into_inner);
            match mood {
                Mood::Slow(time) => tokio::time::sleep(time).await,
                _ => self.obey().await.map_err(Conflict::Store)?,
            }
            self.inner.commit(batch).await
        })
    }
    fn check(&self, batch: WriteBatch) -> Boxed<'_, Result<(), Conflict>> {
        self.inner.check(batch)
    }
    fn reserve_ids(&self, node: NodeId, count: i64) -> Boxed<'_, Result<i64>> {
        self.inner.reserve_ids(node, count)
    }
    fn secret(&self) -> Boxed<'_, Result<[u8; 32]>> {
        self.inner.secret()
    }
    fn created_at(&self) -> Boxed<'_, Result<Timestamp>> {
        self.inner.created_at()
    }
    fn forget_requests(&self, limit: Timestamp) -> Boxed<'_, Result<u64>> {
        self.inner.forget_requests(limit)
    }
    fn ready(&self) -> Boxed<'_, Result<()>> {
        self.inner.ready()
    }
    fn close(&self) -> Boxed<'_, ()> {
        self.inner.close()
    }
}
