//! The conformance of the library's own stores: one list of facts, true of each.

use std::sync::Arc;

use rest_standard::store::{
    Store,
    memory::MemoryStore,
    postgres::{PostgresOptions, PostgresStore},
    sqlite::{SqliteOptions, SqliteStore, Synchronous},
};
use rest_standard_conformance::{Place, store_conformance};
use rest_standard_tests::postgres::Database;
use tempfile::TempDir;

struct Folder(TempDir);

impl Place for Folder {
    async fn empty() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    fn open(&self) -> Arc<dyn Store> {
        let mut options = SqliteOptions::new(self.0.path().join("store.db"));
        options.synchronous = Synchronous::Normal;
        Arc::new(SqliteStore::open(options, "conformance").expect("the file is ours"))
    }
}

struct Server(Database);

impl Place for Server {
    async fn empty() -> Self {
        Self(Database::take().await)
    }

    fn open(&self) -> Arc<dyn Store> {
        let options: PostgresOptions = self.0.url().parse().expect("it is a URL");
        Arc::new(PostgresStore::new(options, "conformance").expect("the settings are sound"))
    }
}

/// The same in eight parts.
struct Partitioned(Database);

impl Place for Partitioned {
    async fn empty() -> Self {
        Self(Database::take().await)
    }

    fn open(&self) -> Arc<dyn Store> {
        let options: PostgresOptions = format!("{}?partitions=8", self.0.url()).parse().expect("it is a URL");
        Arc::new(PostgresStore::new(options, "conformance").expect("the settings are sound"))
    }
}

mod memory {
    use super::MemoryStore;

    super::store_conformance!(MemoryStore::new);
}

/// The same behind spans.
mod traced {
    use std::sync::Arc;

    use rest_standard::store::{Traced, memory::MemoryStore};

    /// From here on the thread of the test is within a span that somebody keeps, or none would be made.
    fn store() -> Traced {
        let kept = tracing::subscriber::set_default(tracing_subscriber::registry());
        let span = tracing::info_span!("test").entered();
        std::mem::forget((kept, span));
        Traced::new(Arc::new(MemoryStore::new()), None)
    }

    super::store_conformance!(store);
}

store_conformance!(sqlite: Folder);
store_conformance!(postgres: Server);
store_conformance!(partitioned: Partitioned);
