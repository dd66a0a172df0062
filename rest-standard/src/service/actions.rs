//! What authors asked to be done after their commits.

use std::{panic::AssertUnwindSafe, sync::PoisonError};

use futures_util::FutureExt as _;
use tracing::Instrument as _;

use super::{Api, plan::Plan};
use crate::error::Error;

impl Api {
    /// Runs what author code asked for after the commit, beside the request: the commit stands, whatever becomes of it.
    pub(super) fn run_actions(&self, plan: &Plan) {
        let actions = plan.take_after_commit();
        if actions.is_empty() {
            return;
        }
        let mut running = self.actions.lock().unwrap_or_else(PoisonError::into_inner);
        while running.try_join_next().is_some() {}
        running.spawn(
            async move {
                for action in actions {
                    if let Err(panic) = AssertUnwindSafe(action).catch_unwind().await {
                        tracing::error!(error = ?Error::from_panic(&*panic), "an action after a commit failed");
                    }
                }
            }
            .in_current_span(),
        );
    }

    /// Waits until every action after a commit has ended.
    pub async fn finish_actions(&self) {
        let mut running = std::mem::take(&mut *self.actions.lock().unwrap_or_else(PoisonError::into_inner));
        while running.join_next().await.is_some() {}
    }
}
