//! One request from the HTTP library's types to plain data, through the service, and back.

use std::{
    panic::AssertUnwindSafe,
    pin::pin,
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
use hyper::body::Body;

use super::{
    body,
    coding::{self, Encoded},
    sent::Sent,
};
use crate::{
    error::{Error, Reason},
    service::{Api, Request, Response, Upload},
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
    pub(crate) async fn handle<B>(&self, request: http::Request<B>) -> http::Response<Encoded>
    where
        B: Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        if !self.0.api.settings.compression {
            return self.answer(request).await.map(Encoded::Left);
        }
        let accepted = coding::accepted(request.headers());
        coding::encode(accepted, self.answer(request).await).await
    }

    async fn answer<B>(&self, request: http::Request<B>) -> http::Response<Sent>
    where
        B: Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let api = &self.0.api;
        let (parts, body) = request.into_parts();
        if let Err(error) = self.check_head(&parts) {
            return self.refuse(parts, body, error);
        }
        let mut request = plain(parts);
        if api.takes_lines(&request) {
            // Few requests have lines, and a future is as large as the largest that is in it.
            return Box::pin(self.answer_lines(&request, body)).await;
        }
        match body::read(body, &request.headers, &api.settings.limits).await {
            Ok(bytes) => request.body = bytes,
            Err(error) => return respond(api.refuse(&request, error), Connection::Close),
        }
        // Author code that panics is answered for by the service; this is for the framework's own mistakes.
        let answer = pin!(api.answer(&request, None));
        let answer = AssertUnwindSafe(answer).catch_unwind().await;
        let response = answer.unwrap_or_else(|panic| api.refuse(&request, Error::from_panic(&*panic)));
        respond(response, self.connection())
    }

    /// Answers a request whose body is read while it is answered.
    async fn answer_lines<B>(&self, request: &Request, mut body: B) -> http::Response<Sent>
    where
        B: Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let api = &self.0.api;
        let (pieces, upload) = Upload::new();
        let (answer, is_read) = {
            let mut pump = pin!(body::pump(&mut body, &api.settings.limits, pieces));
            let mut answer = pin!(AssertUnwindSafe(api.answer(request, Some(upload))).catch_unwind());
            let mut is_read = None;
            let answer = loop {
                tokio::select! {
                    answer = &mut answer => break answer,
                    read = &mut pump, if is_read.is_none() => is_read = Some(read),
                }
            };
            (answer, is_read.unwrap_or(false))
        };
        let response = answer.unwrap_or_else(|panic| api.refuse(request, Error::from_panic(&*panic)));
        if is_read {
            return respond(response, self.connection());
        }
        body::discard(body, &request.headers);
        respond(response, Connection::Close)
    }

    /// A request that was under way when the service began to end is the last one of its connection.
    fn connection(&self) -> Connection {
        if self.is_draining() { Connection::Close } else { Connection::Keep }
    }

    /// Checks what is refused whatever the request asks for, of the API or of the author's own routes.
    pub(super) fn check_head(&self, parts: &Parts) -> Result<(), Error> {
        if self.is_draining() {
            return Err(Error::new(Reason::Unavailable, "The service is shutting down."));
        }
        let settings = &self.0.api.settings;
        let length = parts.uri.path_and_query().map_or(0, |address| address.as_str().len());
        if length > settings.limits.uri {
            let text =
                format!("The address is {length} bytes long; at most {} are accepted.", settings.limits.uri);
            return Err(Error::new(Reason::UriTooLong, text));
        }
        // Only a proxy in front can have secured the connection (RFC 9110, section 7.4).
        if let Some(scheme) = parts.uri.scheme_str()
            && scheme != "http"
            && settings.public_url.as_ref().is_none_or(|public| public.split(':').next() != Some(scheme))
        {
            let text = format!("This service does not answer for addresses that begin with `{scheme}:`.");
            return Err(Error::new(Reason::MisdirectedRequest, text));
        }
        let mut codings = parts.headers.get_all(TRANSFER_ENCODING).into_iter();
        let is_chunked = codings.next().is_none_or(|first| first.as_bytes().eq_ignore_ascii_case(b"chunked"));
        if !is_chunked || codings.next().is_some() {
            let text = "The only `Transfer-Encoding` that this service reads is `chunked`, once.";
            return Err(Error::new(Reason::MalformedRequest, text));
        }
        Ok(())
    }

    /// The answer to a request whose body nobody reads.
    pub(super) fn refuse<B>(&self, parts: Parts, body: B, error: Error) -> http::Response<Sent>
    where
        B: Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let request = plain(parts);
        let refusal = self.0.api.refuse(&request, error);
        if body.is_end_stream() && !self.is_draining() {
            return respond(refusal, Connection::Keep);
        }
        body::discard(body, &request.headers);
        respond(refusal, Connection::Close)
    }
}

/// The request without its body.
pub(super) fn plain(mut parts: Parts) -> Request {
    // The host in an absolute request target counts, whatever the header says (RFC 9112, section 3.2.2).
    if let Some(authority) = parts.uri.authority()
        && parts.headers.get_all(HOST).iter().count() < 2
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
pub(super) fn respond(response: Response, connection: Connection) -> http::Response<Sent> {
    let mut out = http::Response::new(Sent::from(response.body));
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
