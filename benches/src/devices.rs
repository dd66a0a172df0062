//! The device registry with many devices: what the ratios within one service are measured on.

use std::sync::Arc;

use rest_standard::store::sqlite::{SqliteOptions, SqliteStore, Synchronous};
use rest_standard::testing::TestService;

use crate::Failure;
use crate::serve::{self, LISTENING, ServeOptions};

/// Serves the registry; its devices come through the API.
pub(crate) async fn serve(options: &ServeOptions) -> Result<(), Failure> {
    let synchronous = match options.synchronous {
        serve::Synchronous::Normal => Synchronous::Normal,
        serve::Synchronous::Full => Synchronous::Full,
    };
    let store = SqliteOptions { synchronous, ..SqliteOptions::new(&options.database) };
    let store = SqliteStore::open(store, "device-registry").map_err(|error| format!("{error:?}"))?;
    let service = TestService::with(device_registry::service(), Arc::new(store)).await;
    let server = service.listen().await;
    println!("{LISTENING}{}", server.address());
    std::future::pending().await
}
