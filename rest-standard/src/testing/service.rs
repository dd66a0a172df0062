//! A service for the length of one test.

#[cfg(feature = "sqlite")]
use std::path::Path;
use std::{net::SocketAddr, sync::Arc, time::Duration};

use tempfile::TempDir;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use super::{TestClient, TestRequest};
use crate::{
    command::{Running, Service, Stored, start_message},
    http::{self, Draining},
    store::{Store, memory::MemoryStore},
    tree::Tree,
};

/// A running service without a socket. Its store stays as long as the service or one of its clients.
///
/// Warnings and errors that it logs are in the test's output, so the cause of a 500 is beside the failed assertion. A
/// subscriber that the test has installed before is left as it is.
#[derive(Debug)]
pub struct TestService {
    running: Running,
    client: TestClient,
    folder: Option<Arc<TempDir>>,
}

impl TestService {
    /// The service on a store in memory.
    ///
    /// # Panics
    ///
    /// When the service cannot start.
    pub async fn memory(service: Service) -> Self {
        Self::with(service, Arc::new(MemoryStore::new())).await
    }

    /// The service on an SQLite file in a temporary folder.
    ///
    /// # Panics
    ///
    /// When the service cannot start.
    #[cfg(feature = "sqlite")]
    pub async fn sqlite(service: Service) -> Self {
        let folder = Arc::new(tempfile::tempdir().expect("a temporary folder can be made"));
        let mut this = Self::sqlite_at(service, &folder.path().join("test.db")).await;
        // The router keeps the folder, and with it everything that is made of the router.
        this.running.router = this.running.router.layer(axum::Extension(folder.clone()));
        this.client = client(&this.running);
        this.folder = Some(folder);
        this
    }

    /// The service on the SQLite file at `path`, which stays.
    ///
    /// # Panics
    ///
    /// When the service cannot start.
    #[cfg(feature = "sqlite")]
    pub async fn sqlite_at(service: Service, path: &Path) -> Self {
        let store = service
            .open_sqlite(path)
            .unwrap_or_else(|error| panic!("the database does not open: {}", start_message(&error)));
        Self::with(service, store).await
    }

    /// The service on a Postgres database, which must be empty or its own.
    ///
    /// # Panics
    ///
    /// When the service cannot start.
    #[cfg(feature = "postgres")]
    pub async fn postgres(service: Service, url: &str) -> Self {
        let store = service
            .open_postgres(url)
            .unwrap_or_else(|error| panic!("the database does not open: {}", start_message(&error)));
        Self::with(service, store).await
    }

    /// The service on any store.
    ///
    /// # Panics
    ///
    /// When the service cannot start.
    pub async fn with(service: Service, store: Arc<dyn Store>) -> Self {
        log_into_the_tests_output();
        match service.build(Stored::Given(store)).await {
            Ok(running) => {
                let client = client(&running);
                Self { running, client, folder: None }
            }
            Err(error) => panic!("the service does not start: {}", start_message(&error)),
        }
    }

    /// A client of the service.
    #[must_use]
    pub fn client(&self) -> TestClient {
        self.client.clone()
    }

    /// The service as a router.
    pub fn router(&self) -> axum::Router {
        self.running.router.clone()
    }

    /// The resources that the service declares.
    #[must_use]
    pub fn tree(&self) -> Arc<Tree> {
        self.running.api.tree.clone()
    }

    /// A GET, sent when it is awaited; [`client`](Self::client) has the other methods.
    pub fn get(&self, path: &str) -> TestRequest {
        self.client.get(path)
    }

    /// Takes soft-deleted resources whose `purgeAt` has come away for good, as a running service does every half minute;
    /// gives how many.
    ///
    /// # Panics
    ///
    /// When the store fails.
    pub async fn purge(&self) -> u64 {
        self.running.api.purge().await.unwrap_or_else(|error| panic!("the store does not purge: {error:?}"))
    }

    /// Takes the changes away that were kept for as long as is declared, as a service does every five minutes; gives how many.
    ///
    /// # Panics
    ///
    /// When the store fails.
    pub async fn forget_changes(&self) -> u64 {
        self.running
            .api
            .forget_changes()
            .await
            .unwrap_or_else(|error| panic!("changes cannot be forgotten: {error}"))
    }

    /// Listens on a free port of this machine, until the server is dropped.
    ///
    /// # Panics
    ///
    /// When there is no free port.
    pub async fn listen(&self) -> TestServer {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("this machine has a free port");
        let address = listener.local_addr().expect("a listener has an address");
        let (end, ended) = oneshot::channel::<()>();
        let draining = Draining { idle: Duration::from_millis(100), ..Draining::default() };
        let app = self.running.app.clone();
        let serving = tokio::spawn(http::serve(listener, app, async { drop(ended.await) }, draining));
        let base = format!("http://{address}");
        TestServer { base, address, end: Some(end), serving, _folder: self.folder.clone() }
    }

    /// Ends the store's work, so that its file can be opened again.
    pub async fn close(self) {
        self.running.close().await;
    }
}

/// A client of a service, which also checks its responses against its document where the feature `contract` is on.
fn client(running: &Running) -> TestClient {
    let client = TestClient::new(running.router.clone());
    #[cfg(feature = "contract")]
    let client = client.with_document(Arc::new(super::document::Document::new(running.api.clone())));
    client
}

/// Shows warnings and errors, unless there is a subscriber already.
fn log_into_the_tests_output() {
    let log = tracing_subscriber::fmt().with_max_level(tracing::Level::WARN).with_test_writer().finish();
    // A second call finds the first one's, which does the same.
    let _ = tracing::subscriber::set_global_default(log);
}

/// A service on a real socket.
#[derive(Debug)]
pub struct TestServer {
    base: String,
    address: SocketAddr,
    end: Option<oneshot::Sender<()>>,
    serving: JoinHandle<()>,
    _folder: Option<Arc<TempDir>>,
}

impl TestServer {
    /// Scheme, host and port: `http://127.0.0.1:41234`.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The address.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends as a signal ends a program: requests under way are finished, new ones refused. The service refuses every
    /// request afterwards, also from clients without a socket.
    ///
    /// # Panics
    ///
    /// When the server panicked.
    pub async fn shut_down(mut self) {
        drop(self.end.take());
        (&mut self.serving).await.expect("the server ends by itself");
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}
