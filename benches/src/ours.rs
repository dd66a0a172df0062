//! The same resource as a rest-standard service, which the comparison is about.

use rest_standard::prelude::*;
use rest_standard::testing::TestService;

use crate::Failure;
use crate::serve::{LISTENING, ServeOptions};

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
    let store = options.open("items")?;
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
