//! What has had its time goes one step at a time.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use rest_standard::{
    descriptor::BoxFuture,
    error::Result,
    store::memory::MemoryStore,
    testing::{Deterministic, TestService},
};
use rest_standard_conformance::{Call, Layer, Layered};
use rest_standard_tests::workshop;
use serde_json::json;

/// Counts the steps that are under way at once, and how many there were.
#[derive(Debug, Default)]
struct Steps {
    under_way: AtomicUsize,
    most: AtomicUsize,
    all: AtomicUsize,
}

fn is_step(call: Call) -> bool {
    matches!(call, Call::AgedChanges | Call::Commit | Call::ForgetRequests)
}

impl Layer for Steps {
    fn before(&self, call: Call) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            if is_step(call) {
                self.most.fetch_max(self.under_way.fetch_add(1, SeqCst) + 1, SeqCst);
                self.all.fetch_add(1, SeqCst);
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            Ok(())
        })
    }

    fn after(&self, call: Call) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            self.under_way.fetch_sub(usize::from(is_step(call)), SeqCst);
            Ok(())
        })
    }
}

#[tokio::test]
async fn old_changes_and_deleted_resources_take_turns() {
    let clock = Deterministic::with_step(7, Duration::from_micros(1));
    let store = Arc::new(Layered::new(Steps::default(), Arc::new(MemoryStore::new())));
    let service = TestService::with(workshop::service().source(clock.clone()), store.clone()).await;
    let client = service.client();
    let site = json!({"displayName": "Site", "capacity": "10"});
    let site = client.post("/api/v1/sites", site).await.assert_status(201).values()["id"].to_string();
    for number in 0..20 {
        let shelf =
            json!({"id": format!("s{number}"), "displayName": "Upper", "code": format!("C{number:04}")});
        let shelves = format!("/api/v1/sites/{site}/shelves");
        let _ = client.post(&shelves, shelf).await.assert_status(201);
        let catalog = json!({"id": format!("c{number}"), "title": "All"});
        let _ = client.post("/api/v1/catalogs", catalog).await.assert_status(201);
        let _ = client.delete(&format!("/api/v1/catalogs/c{number}")).await.assert_status(200);
    }
    clock.advance(Duration::from_secs(91 * 86_400));

    let before = store.layer.all.load(SeqCst);
    store.layer.most.store(0, SeqCst);
    let (purged, forgotten) = tokio::join!(service.purge(), service.forget_changes());
    assert_eq!((purged, forgotten), (20, 20));
    assert!(store.layer.all.load(SeqCst) - before > 20, "there were steps of both");
    assert_eq!(store.layer.most.load(SeqCst), 1);
}
