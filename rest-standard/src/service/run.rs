//! A write to its end: neither a time-out nor a client that hangs up cuts it in two.

use std::{
    panic::AssertUnwindSafe,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use futures_util::FutureExt as _;
use tokio::{runtime::Handle, time::timeout};
use tracing::Instrument as _;

use super::{
    Response,
    decision::Decision,
    write::{self, Job},
};
use crate::{
    document::{Data, Outcome},
    error::{Error, Reason, Result},
    store::Origin,
};

/// How a job is carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// As a request, whose id it looks after.
    Request,
    /// As a part of one.
    Chunk,
}

/// Runs a write.
pub(super) async fn run(job: Job) -> Response {
    let api = job.call.api.clone();
    let exchange = job.call.exchange.clone();
    let (_, outcome) = to_its_end(job, Way::Request).await;
    api.respond(&exchange, outcome.map_err(Into::into))
}

/// Carries out a job, and gives it back where it was not given up.
///
/// A client that is told of a time-out can rely on it that nothing was changed: until the commit begins, the clock can
/// call the write off. Afterwards the answer waits for the commit. Only a client that sent a request id is told, after as
/// long again, that it must ask once more: with the same id that is safe.
pub(super) async fn to_its_end(job: Job, way: Way) -> (Option<Job>, Result<(Outcome, Data)>) {
    let limit = job.call.api.settings.limits.time;
    let can_ask_again = job.has_client_id;
    let decision = Arc::new(Decision::default());
    let origin = Origin::new(&job.call.exchange.id, limit);
    let span = job.call.exchange.span();
    let decides = decision.clone();
    let work = async move {
        let mut job = job;
        let attempt = async {
            match way {
                Way::Request => write::attempt(&mut job, &decides).await,
                Way::Chunk => write::chunk(&mut job, &decides).await,
            }
        };
        let outcome = AssertUnwindSafe(attempt).catch_unwind().await;
        (Some(job), outcome.unwrap_or_else(|panic| Err(Error::from_panic(&*panic))))
    };
    let mut work = ToItsEnd(Some(Box::pin(origin.during(work.instrument(span)))));
    let mut waited = 0;
    loop {
        match timeout(limit, &mut work).await {
            Ok(outcome) => return outcome,
            Err(_) if decision.give_up() => {
                // It can no longer change anything, and would only keep its row from others.
                work.0 = None;
                let limit = limit.as_secs_f64();
                let text = format!("The service did not answer within {limit} s; nothing was changed.");
                return (None, Err(Error::new(Reason::Timeout, text)));
            }
            Err(_) if can_ask_again && waited > 0 => {
                let text = "The service does not know yet whether the request was carried out; send it again with the same id.";
                let error = Error::new(Reason::Timeout, text).with_source("a commit did not end in time");
                return (None, Err(error));
            }
            Err(_) => waited += 1,
        }
    }
}

/// Work that is finished by a task of its own where whoever began it goes away. Where nobody does, it needs no task.
struct ToItsEnd<F: Future<Output: Send> + Send + 'static>(Option<Pin<Box<F>>>);

impl<F: Future<Output: Send> + Send + 'static> Future for ToItsEnd<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let Some(work) = &mut self.0 else { return Poll::Pending };
        let outcome = ready!(work.as_mut().poll(cx));
        self.0 = None;
        Poll::Ready(outcome)
    }
}

impl<F: Future<Output: Send> + Send + 'static> Drop for ToItsEnd<F> {
    fn drop(&mut self) {
        if let (Some(work), Ok(runtime)) = (self.0.take(), Handle::try_current()) {
            runtime.spawn(work);
        }
    }
}
