//! A write in a task of its own, so that neither a time-out nor a client that hangs up cuts it in two.

use std::{
    any::Any,
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
};

use futures_util::FutureExt as _;
use tokio::time::timeout;
use tracing::Instrument as _;

use super::{
    Response,
    write::{self, Job},
};
use crate::error::{Error, Reason};

/// Whether a write may still commit: decided once, by its task or by the clock.
#[derive(Debug, Default)]
pub(super) struct Decision(AtomicU8);

const OPEN: u8 = 0;
const COMMITTING: u8 = 1;
const GIVEN_UP: u8 = 2;

impl Decision {
    /// The task is about to commit; false when the client was told that nothing was changed.
    pub(super) fn begin_commit(&self) -> bool {
        self.decide(COMMITTING)
    }

    /// The commit met a conflict: nothing was changed, and the task plans again.
    pub(super) fn reopen(&self) {
        self.0.store(OPEN, Ordering::Release);
    }

    /// The time is over; false when a commit is under way.
    fn give_up(&self) -> bool {
        self.decide(GIVEN_UP)
    }

    fn decide(&self, outcome: u8) -> bool {
        self.0.compare_exchange(OPEN, outcome, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }
}

/// Runs a write.
///
/// A client that is told of a time-out can rely on it that nothing was changed: until the commit begins, the clock can
/// call the write off. Afterwards the answer waits for the commit. Only a client that sent a request id is told, after as
/// long again, that it must ask once more: with the same id that is safe.
pub(super) async fn run(job: Job) -> Response {
    let (api, exchange) = (job.call.api.clone(), job.call.exchange.clone());
    let can_ask_again = job.has_client_id;
    let decision = Arc::new(Decision::default());
    let span = exchange.span();
    let decides = decision.clone();
    let work = async move {
        let mut job = job;
        let outcome = AssertUnwindSafe(write::attempt(&mut job, &decides)).catch_unwind().await;
        outcome.unwrap_or_else(|panic| Err(panicked(&*panic)))
    };
    let mut task = tokio::spawn(work.instrument(span));
    let limit = api.settings.limits.time;
    let mut waited = 0;
    let outcome = loop {
        match timeout(limit, &mut task).await {
            Ok(ended) => break ended.unwrap_or_else(|error| Err(Error::internal(error))),
            Err(_) if decision.give_up() => {
                let limit = limit.as_secs_f64();
                let text = format!("The service did not answer within {limit} s; nothing was changed.");
                break Err(Error::new(Reason::Timeout, text));
            }
            Err(_) if can_ask_again && waited > 0 => {
                let text = "The service does not know yet whether the request was carried out; send it again with the same id.";
                break Err(Error::new(Reason::Timeout, text).with_source("a commit did not end in time"));
            }
            Err(_) => waited += 1,
        }
    };
    api.respond(&exchange, outcome.map_err(Into::into))
}

/// The error of a panic in author code; its text goes to the log only.
pub(crate) fn panicked(panic: &(dyn Any + Send)) -> Error {
    let text =
        panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    Error::internal(format!("panic: {}", text.unwrap_or("without a message")))
}
