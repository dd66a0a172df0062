//! The operations of a service: from a request as plain data to a response as plain data.
//!
//! One file for each operation; none knows axum or SQL, and none is generic over the resource.

mod actions;
mod addresses;
mod answer;
mod batch;
mod batch_method;
mod call;
mod create;
mod custom;
mod decision;
mod delete;
mod describe;
mod documents;
mod done;
mod elements;
mod exchange;
mod expand;
mod export;
mod gate;
mod import;
mod json_patch;
mod list;
mod merged;
mod metrics;
mod negotiate;
mod page;
mod plan;
mod purge;
mod read;
mod reference;
mod refused;
mod route;
mod run;
mod secrets;
mod seed;
mod session;
mod settings;
#[cfg(feature = "otlp")]
mod trace;
mod undelete;
mod update;
mod upload;
mod write;

use std::{
    any::{Any, TypeId},
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use jiff::Timestamp;
use tokio::{sync::Semaphore, task::JoinSet};

pub(crate) use self::merged::Merged;
use self::{addresses::Addresses, answer::Refusal, documents::Documents, gate::Gate, metrics::Metrics};
pub use self::{
    seed::Seed,
    settings::{Limits, Profile, Settings},
    upload::Upload,
};
use crate::{
    document::Content,
    error::Result,
    source::Source,
    store::{Scan, Scope, Store},
    tree::Tree,
    value::Path,
};

/// A request as plain data.
#[derive(Clone, Debug)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path as received, still percent-encoded.
    pub path: String,
    /// The query as received, without `?`; empty if none.
    pub query: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

/// A response as plain data.
#[derive(Debug)]
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub(crate) body: Content,
}

/// The values that an author gave to `Service::state`, by type.
pub type States = HashMap<TypeId, Arc<dyn Any + Send + Sync>>;

/// A running API: the tree, the store and the settings that every operation reads.
pub struct Api {
    pub(crate) tree: Arc<Tree>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) source: Arc<dyn Source>,
    pub(crate) settings: Settings,
    states: States,
    /// `/api/v1`
    root_path: String,
    version_header: Option<HeaderValue>,
    /// What the service says of itself, once it was asked.
    documents: Documents,
    /// What requests are counted and traced by; where neither is asked for, nothing is.
    addresses: Option<Addresses>,
    /// What is counted; where nobody asks, nothing is.
    pub(crate) metrics: Option<Metrics>,
    /// The key of page cursors.
    secret: [u8; 32],
    /// When the store was first started.
    created_at: Timestamp,
    /// The names of input-only fields, whose values are never repeated.
    secrets: HashSet<&'static str>,
    requests: Arc<Gate<(String, String)>>,
    rows: Arc<Gate<(usize, Path)>>,
    /// Held by whoever takes away what has had its time, as long as its step and the pause after it last.
    clearing: tokio::sync::Mutex<()>,
    /// The exports that may still begin.
    exports: Arc<Semaphore>,
    /// What authors asked to be run after their commits, as far as it still runs.
    actions: Mutex<JoinSet<()>>,
}

impl std::fmt::Debug for Api {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Api").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Api {
    /// Migrates the store to the tree and makes the API ready to answer.
    ///
    /// # Errors
    ///
    /// When the store cannot do what the tree needs, or its schema cannot be brought up to it.
    pub async fn start(
        tree: Arc<Tree>,
        store: Arc<dyn Store>,
        source: Arc<dyn Source>,
        settings: Settings,
        states: States,
    ) -> Result<Arc<Self>> {
        store.capabilities().suffice(&tree)?;
        store.migrate(tree.clone(), source.now()).await?;
        let root_path = format!("{}/{}", settings.base_path, settings.version);
        let metrics = settings.metrics.then(|| Metrics::start(store.clone()));
        let addresses = (settings.metrics || settings.traces).then(|| Addresses::new(&tree, &root_path));
        let secrets = tree.nodes().iter().flat_map(|node| secrets::names(node.descriptor)).collect();
        Ok(Arc::new(Self {
            root_path,
            addresses,
            metrics,
            version_header: HeaderValue::from_str(&settings.version).ok(),
            secret: store.secret().await?,
            created_at: store.created_at().await?,
            secrets,
            tree,
            store,
            source,
            settings,
            states,
            documents: Documents::default(),
            requests: Arc::default(),
            rows: Arc::default(),
            clearing: tokio::sync::Mutex::default(),
            exports: Arc::new(Semaphore::new(export::MOST)),
            actions: Mutex::default(),
        }))
    }

    /// Whether no collection at the API root has a resource.
    ///
    /// # Errors
    ///
    /// When the store cannot answer.
    pub async fn is_empty(&self) -> Result<bool> {
        for root in self.tree.roots().iter().filter(|root| self.tree.node(**root).id_kind().is_some()) {
            let scan = Scan::all(*root, Scope::Below(Path::default()), 1);
            if !self.store.scan(&scan).await?.records.is_empty() {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
