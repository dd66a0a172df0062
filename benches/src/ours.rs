//! The same resource as a rest-standard service, which the comparison is about.

use std::sync::Arc;

use rest_standard::prelude::*;
use rest_standard::store::Store;
use rest_standard::store::postgres::{PostgresOptions, PostgresStore};
use rest_standard::store::sqlite::{SqliteOptions, SqliteStore, Synchronous};
use rest_standard::testing::TestService;

use crate::Failure;
use crate::serve::{self, LISTENING, ServeOptions};

/// An item of the benchmark.
#[resource(collection = "items", changes)]
pub(crate) struct Item {
    /// What people call it.
    #[field(length = 1..=64)]
    pub display_name: String,
    /// Who has it.
    pub owner: String,
    /// How loud it is.
    #[field(range = 0..=10)]
    pub volume: i64,
    /// What the maker calls it.
    pub serial_number: String,
    /// Whether it is in use.
    pub enabled: bool,
    /// How heavy it is, in grams.
    #[field(range = 0..=1_000_000)]
    pub weight: i64,
}

/// Serves `items` at `/api/v1/items`, filled with `options.rows` items whose `volume` is 5.
pub(crate) async fn serve(options: &ServeOptions) -> Result<(), Failure> {
    let synchronous = match options.synchronous {
        serve::Synchronous::Normal => Synchronous::Normal,
        serve::Synchronous::Full => Synchronous::Full,
    };
    let store: Arc<dyn Store> = match options.postgres() {
        Some(url) => {
            let store = PostgresStore::new(url.parse::<PostgresOptions>()?, "items");
            Arc::new(store.map_err(|error| format!("{error:?}"))?)
        }
        None => {
            let store = SqliteOptions { synchronous, ..SqliteOptions::new(&options.database) };
            Arc::new(SqliteStore::open(store, "items").map_err(|error| format!("{error:?}"))?)
        }
    };
    let rows = options.rows;
    let service =
        Service::new("items").version("v1", |api| api.resource::<Item>()).on_empty(move |cx| fill(cx, rows));
    // The server that `Service::run` starts, without the command line.
    let service = TestService::with(service, store).await;
    let server = service.listen().await;
    println!("{LISTENING}{}", server.address());
    std::future::pending().await
}

async fn fill(mut cx: Context<Root>, rows: u64) -> Result<()> {
    for number in 0..rows {
        let item = Item {
            display_name: format!("Item {number}"),
            owner: format!("owner-{}", number % 97),
            volume: 5,
            serial_number: format!("SN-{number:010}"),
            enabled: true,
            weight: i64::try_from(number % 1000)?,
        };
        let key = cx.key([Id::from(cx.new_uuid())]);
        cx.put(&key, &item).await?;
    }
    Ok(())
}
