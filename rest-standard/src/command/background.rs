//! Work that a service does beside answering.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use jiff::SignedDuration;

use crate::service::Api;

/// How long a request id is remembered.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);
/// How long after the start the first round comes.
const FIRST: Duration = Duration::from_secs(60);
/// The time between rounds.
const EVERY: Duration = Duration::from_secs(300);

/// Forgets old request ids from time to time, for as long as the API is there.
pub(super) fn forget_requests(api: &Arc<Api>) {
    let api = Arc::downgrade(api);
    tokio::spawn(async move {
        tokio::time::sleep(FIRST).await;
        while forget(&api).await {
            tokio::time::sleep(EVERY).await;
        }
    });
}

/// How often what was soft-deleted is looked at.
const PURGE_EVERY: Duration = Duration::from_secs(30);

/// Takes away for good what was soft-deleted and whose time is over, for as long as the API is there. Several replicas may
/// do it at once.
pub(super) fn purge(api: &Arc<Api>) {
    if !api.has_soft_delete() {
        return;
    }
    let api = Arc::downgrade(api);
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(PURGE_EVERY).await;
            let Some(api) = api.upgrade() else { break };
            match api.purge().await {
                Ok(0) => {}
                Ok(count) => tracing::info!(count, "took soft-deleted resources away for good"),
                Err(error) => tracing::error!(?error, "cannot take soft-deleted resources away"),
            }
        }
    });
}

/// Whether the API is still there.
async fn forget(api: &Weak<Api>) -> bool {
    let Some(api) = api.upgrade() else { return false };
    let Ok(limit) = api.source.now().checked_sub(REMEMBERED) else { return true };
    match api.store.forget_requests(limit).await {
        Ok(0) => {}
        Ok(count) => tracing::debug!(count, "forgot old request ids"),
        Err(error) => tracing::error!(?error, "cannot forget old request ids"),
    }
    true
}
