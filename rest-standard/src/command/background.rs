//! Work that a service does beside answering.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use crate::{error::Result, service::Api};

/// How long after the start request ids and changes are first looked at.
const FIRST: Duration = Duration::from_secs(60);
/// The time between these rounds.
const EVERY: Duration = Duration::from_secs(300);
/// How often what was soft-deleted is looked at.
const PURGE_EVERY: Duration = Duration::from_secs(30);

/// Takes what has had its time away for good, for as long as the API is there. Several replicas may do it at once.
pub(super) fn forget(api: &Arc<Api>) {
    repeat(api, "old request ids", FIRST, EVERY, |api| Box::pin(async move { api.forget_requests().await }));
    if api.has_aging_changes() {
        repeat(api, "old changes", FIRST, EVERY, |api| Box::pin(async move { api.forget_changes().await }));
    }
    if api.has_soft_delete() {
        repeat(api, "soft-deleted resources", PURGE_EVERY, PURGE_EVERY, |api| {
            Box::pin(async move { api.purge().await })
        });
    }
}

/// What is done with the API in each round.
type Round = fn(Arc<Api>) -> std::pin::Pin<Box<dyn Future<Output = Result<u64>> + Send>>;

fn repeat(api: &Arc<Api>, what: &'static str, first: Duration, every: Duration, round: Round) {
    let api: Weak<Api> = Arc::downgrade(api);
    tokio::spawn(async move {
        tokio::time::sleep(first).await;
        while let Some(api) = api.upgrade() {
            match round(api).await {
                Ok(0) => {}
                Ok(count) => tracing::info!(count, what, "took away for good"),
                Err(error) => tracing::error!(?error, what, "cannot be taken away"),
            }
            tokio::time::sleep(every).await;
        }
    });
}
