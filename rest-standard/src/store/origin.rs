//! On whose behalf a store is asked, for stores that tell their database and stop with the request.

use std::{
    future::Future,
    sync::Arc,
    time::{Duration, Instant},
};

tokio::task_local! {
    static ORIGIN: Origin;
}

/// The request that a store is asked for.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The effective request id.
    pub request_id: Arc<str>,
    /// When nobody waits for the answer any more.
    pub deadline: Instant,
}

impl Origin {
    /// The request with this id, which may take as long as `limit` from now on.
    #[must_use]
    pub fn new(request_id: &str, limit: Duration) -> Self {
        Self { request_id: request_id.into(), deadline: Instant::now() + limit }
    }

    /// Runs `work`, in which every store learns what it is asked for.
    pub fn during<T>(self, work: impl Future<Output = T>) -> impl Future<Output = T> {
        ORIGIN.scope(self, work)
    }

    /// What the store is asked for at present; nothing at a start, or for work that no request asked for.
    #[must_use]
    pub fn now() -> Option<Self> {
        ORIGIN.try_with(Self::clone).ok()
    }

    /// How much time is left.
    #[must_use]
    pub fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }
}
