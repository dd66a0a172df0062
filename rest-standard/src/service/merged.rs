//! Requests to the author's own routes: checked like those to the API, and refused in the same form.

use std::sync::Arc;

use http::StatusCode;
use tracing::Instrument as _;

use super::{Api, Request, Response, answer::Refusal, exchange};
use crate::{
    document::Exchange,
    error::{Error, Result},
};

/// A request that a route of the author's answers.
#[derive(Debug)]
pub(crate) struct Merged {
    api: Arc<Api>,
    exchange: Exchange,
}

impl Merged {
    /// Begins it, and says whether it is for a host of the service's and from no page of another origin.
    pub(crate) fn begin(api: &Arc<Api>, request: &Request) -> (Self, Result<()>) {
        let (exchange, _, host) = exchange::begin(api, request);
        let verdict = host.and_then(|()| api.check_origin(request));
        (Self { api: api.clone(), exchange }, verdict)
    }

    /// Runs the route, whose log lines carry the request's ids.
    ///
    /// # Errors
    ///
    /// When it panics, or takes longer than it may until it begins to answer.
    pub(crate) async fn run<T>(&self, route: impl Future<Output = T>) -> Result<T> {
        self.api.guarded(async { Ok(route.await) }).instrument(self.exchange.span()).await
    }

    /// The answer that a refusal has, with the author's status where that is not the reason's.
    pub(crate) fn refuse(&self, error: Error, status: Option<StatusCode>) -> Response {
        self.api.respond(&self.exchange, Err(Refusal { error, allow: None, status }))
    }

    /// Logs an answer that stays as its author made it.
    pub(crate) fn answered(&self, status: StatusCode) {
        self.exchange.answered(status);
    }
}
