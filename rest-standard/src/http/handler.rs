//! One request from the HTTP library's types to plain data, through the service, and back.

use std::{
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use bytes::Bytes;
use futures_util::FutureExt as _;
use http::{
    HeaderValue,
    header::{CONNECTION, HOST, TRANSFER_ENCODING},
    request::Parts,
};
use http_body_util::Full;
use hyper::body::Body;

use super::body;
use crate::{
    error::{Error, Reason},
    service::{Api, Request, Response},
};

/// Whether a connection can carry another request after an answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Connection {
    Keep,
    Close,
}

/// Answers requests with an API; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Handler(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    api: Arc<Api>,
    draining: AtomicBool,
}

impl Handler {
    /// A handler in front of `api`.
    pub(crate) fn new(api: Arc<Api>) -> Self {
        Self(Arc::new(Shared { api, draining: AtomicBool::new(false) }))
    }

    /// The API behind it.
    pub(crate) fn api(&self) -> &Arc<Api> {
        &self.0.api
    }

    /// Refuses every request from here on: the service is about to end.
    pub(crate) fn drain(&self) {
        self.0.draining.store(true, Ordering::Relaxed);
    }

    /// Whether the service is about to end.
    pub(crate) fn is_draining(&self) -> bool {
        self.0.draining.load(Ordering::Relaxed)
    }

    /// Answers one request; every outcome is a response.
    pub(crate) async fn handle<B>(&self, request: http::Request<B>) -> http::Response<Full<Bytes>>
    where
        B: Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let api = &self.0.api;
        let (parts, body) = request.into_parts();
        let mut request = match self.admit(parts) {
            Ok(request) => request,
            Err(refusal) => return refusal,
        };
        match body::read(body, &request.headers, &api.settings.limits).await {
            Ok(bytes) => request.body = bytes,
            Err(error) => return respond(api.refuse(&request, error), Connection::Close),
        }
        // Author code that panics is answered for by the service; this is for the framework's own mistakes.
        let answer = AssertUnwindSafe(api.answer(&request)).catch_unwind().await;
        let response = answer.unwrap_or_else(|panic| api.refuse(&request, Error::from_panic(&*panic)));
        // A request that was under way when the service began to end is the last one of its connection.
        respond(response, if self.is_draining() { Connection::Close } else { Connection::Keep })
    }

    /// The request without its body, for the API as for the author's own routes.
    ///
    /// # Errors
    ///
    /// With the answer to a request that is refused whatever it asks for.
    pub(super) fn admit(&self, parts: Parts) -> Result<Request, http::Response<Full<Bytes>>> {
        let length = parts.uri.path_and_query().map_or(0, |address| address.as_str().len());
        let request = plain(parts);
        let refuse = |error, connection| Err(respond(self.0.api.refuse(&request, error), connection));
        if self.is_draining() {
            let error = Error::new(Reason::Unavailable, "The service is shutting down.");
            return refuse(error, Connection::Close);
        }
        let limit = self.0.api.settings.limits.uri;
        if length > limit {
            let text = format!("The address is {length} bytes long; at most {limit} are accepted.");
            return refuse(Error::new(Reason::UriTooLong, text), Connection::Keep);
        }
        let codings = request.headers.get_all(TRANSFER_ENCODING);
        if codings.iter().any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"chunked")) {
            let text = "The only `Transfer-Encoding` that this service reads is `chunked`.";
            return refuse(Error::new(Reason::MalformedRequest, text), Connection::Close);
        }
        Ok(request)
    }
}

/// The request without its body.
fn plain(mut parts: Parts) -> Request {
    // The host in an absolute request target counts, whatever the header says (RFC 9112, section 3.2.2).
    if let Some(authority) = parts.uri.authority()
        && let Ok(host) = HeaderValue::from_str(authority.as_str())
    {
        parts.headers.insert(HOST, host);
    }
    Request {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body: Bytes::new(),
    }
}

/// The response in the HTTP library's type.
pub(super) fn respond(response: Response, connection: Connection) -> http::Response<Full<Bytes>> {
    let mut out = http::Response::new(Full::new(response.body));
    *out.status_mut() = response.status;
    *out.headers_mut() = response.headers;
    if connection == Connection::Close {
        close(out.headers_mut());
    }
    out
}

/// Says that the connection ends with this response.
pub(super) fn close(headers: &mut http::HeaderMap) {
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
}
