//! What all methods do alike: the request's ids, host and body, and the headers of every answer.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::FromRequestParts;
use axum::extract::rejection::BytesRejection;
use axum::http::request::Parts;
use axum::http::uri::{Authority, PathAndQuery};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::fault::Fault;
use super::once::Answer;
use super::wire::{self, Head, Request, Site, Status};

const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");
const SERVER_REQUEST_ID: HeaderName = HeaderName::from_static("server-request-id");
const API_VERSION: HeaderName = HeaderName::from_static("api-version");
const IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// No answer is a page that may load anything.
const POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

/// A longer body is not sent back.
const MAX_ECHO: usize = 8 << 10;

/// About what an envelope takes without its data, and a write's with it.
const HEAD_SIZE: usize = 512;
const ANSWER_SIZE: usize = 2_048;

/// A request apart from its body.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) uri: Uri,
    /// The client's id for the request, or else the server's.
    pub(super) request_id: String,
    pub(super) is_named_by_client: bool,
    pub(super) site: Arc<Site>,
    pub(super) if_match: Option<HeaderValue>,
    if_none_match: Option<HeaderValue>,
    server_request_id: String,
    content_type: Option<HeaderValue>,
}

/// A request's body.
#[derive(Debug)]
pub(super) struct Body {
    pub(super) value: Value,
    length: usize,
}

impl<S: Sync> FromRequestParts<S> for Call {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Response> {
        let server_request_id = Uuid::now_v7().simple().to_string();
        let header = |name: HeaderName| parts.headers.get(name).cloned();
        let host = parts.headers.get(header::HOST).and_then(loopback);
        let mut call = Self {
            method: parts.method.clone(),
            uri: parts.uri.clone(),
            request_id: server_request_id.clone(),
            is_named_by_client: false,
            site: Arc::new(Site::new(host.unwrap_or_default())),
            if_match: header(header::IF_MATCH),
            if_none_match: header(header::IF_NONE_MATCH),
            server_request_id,
            content_type: header(header::CONTENT_TYPE),
        };
        if let Some(id) = parts.headers.get(REQUEST_ID) {
            let Some(id) = accepted_id(id) else { return Err(call.refuse(&Fault::request_id(), None)) };
            call.request_id = id.to_owned();
            call.is_named_by_client = true;
        }
        if host.is_none() {
            return Err(call.refuse(&Fault::host(), None));
        }
        Ok(call)
    }
}

impl Call {
    /// The query as it came, without its question mark.
    pub(super) fn query(&self) -> &str {
        self.uri.query().unwrap_or("")
    }

    /// The address as it came.
    pub(super) fn path_and_query(&self) -> &str {
        self.uri.path_and_query().map_or("/", PathAndQuery::as_str)
    }

    /// Whether the client has this state already.
    pub(super) fn is_unchanged(&self, etag: &str) -> bool {
        self.if_none_match.as_ref().is_some_and(|tags| matches(tags, etag))
    }

    /// The answer to a read; `size` is about how many bytes `data` takes.
    pub(super) fn answer(
        &self,
        description: &str,
        size: usize,
        data: &impl Serialize,
        headers: impl FnOnce(&mut HeaderMap),
    ) -> Response {
        let status = StatusCode::OK;
        let head = Head { status: Status::success(status, description), request: self.request(None) };
        let body = wire::envelope(&head, HEAD_SIZE + size, |out| serde_json::to_writer(out, data));
        self.respond(status, body, headers)
    }

    /// The answer to a write, done or replayed.
    pub(super) fn answer_write(&self, answer: &Answer, body: &Body) -> Response {
        let echo = body.echo();
        let status = Status::success(answer.status, answer.description());
        let head = Head { status, request: self.request(Some(&echo)) };
        let body = wire::envelope(&head, ANSWER_SIZE, |out| {
            out.extend_from_slice(answer.data.as_bytes());
            Ok(())
        });
        self.respond(answer.status, body, |headers| {
            headers.insert(header::ETAG, value(&answer.etag));
            if let Some(location) = &answer.location {
                headers.insert(header::LOCATION, value(location));
            }
            if answer.is_replay {
                headers.insert(IDEMPOTENCY_REPLAYED, HeaderValue::from_static("true"));
            }
        })
    }

    /// A refusal.
    pub(super) fn refuse(&self, fault: &Fault, body: Option<&Body>) -> Response {
        let echo = body.map(Body::echo);
        let status = Status::error(fault.status, fault.description, &fault.info);
        let head = Head { status, request: self.request(echo.as_ref()) };
        let body = wire::envelope(&head, ANSWER_SIZE, |out| {
            out.extend_from_slice(b"null");
            Ok(())
        });
        self.respond(fault.status, body, |headers| {
            if fault.status.is_server_error() {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            }
        })
    }

    pub(super) fn not_modified(&self, etag: &str) -> Response {
        let mut response = StatusCode::NOT_MODIFIED.into_response();
        self.insert_common(response.headers_mut());
        response.headers_mut().insert(header::ETAG, value(etag));
        response
    }

    fn request<'a>(&'a self, body: Option<&'a Value>) -> Request<'a> {
        Request { id: &self.request_id, uri: self.uri.path(), query_string: self.query(), body }
    }

    fn respond(
        &self,
        status: StatusCode,
        body: serde_json::Result<Vec<u8>>,
        headers: impl FnOnce(&mut HeaderMap),
    ) -> Response {
        let Ok(body) = body else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
        let mut response = Response::new(body.into());
        *response.status_mut() = status;
        self.insert_common(response.headers_mut());
        headers(response.headers_mut());
        response
    }

    fn insert_common(&self, headers: &mut HeaderMap) {
        headers.reserve(12);
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(REQUEST_ID, value(&self.request_id));
        headers.insert(SERVER_REQUEST_ID, value(&self.server_request_id));
        headers.insert(API_VERSION, HeaderValue::from_static("v1"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
        headers.insert(header::VARY, HeaderValue::from_static("accept"));
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    }
}

impl Body {
    /// Reads a JSON body of one of the media types that a method takes.
    pub(super) fn json(
        body: Result<Bytes, BytesRejection>,
        call: &Call,
        media_types: &[&str],
    ) -> Result<Self, Fault> {
        let media_type = call.content_type.as_ref().and_then(|media_type| media_type.to_str().ok());
        let essence = media_type.and_then(|media_type| media_type.split(';').next()).unwrap_or("").trim();
        if !media_types.iter().any(|accepted| essence.eq_ignore_ascii_case(accepted)) {
            return Err(Fault::media_type());
        }
        let bytes = body.map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Fault::too_large(),
            _ => Fault::malformed("the body did not arrive"),
        })?;
        let value = serde_json::from_slice(&bytes).map_err(|_| Fault::malformed("must be JSON"))?;
        Ok(Self { value, length: bytes.len() })
    }

    fn echo(&self) -> Value {
        if self.length > MAX_ECHO { json!({"truncated": true}) } else { self.value.clone() }
    }
}

/// Makes a header value of text that this service composed.
pub(super) fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""))
}

/// Whether a list of entity tags holds this one.
pub(super) fn matches(tags: &HeaderValue, etag: &str) -> bool {
    let tags = tags.to_str().unwrap_or("").split(',');
    tags.map(str::trim).any(|tag| tag == "*" || tag == etag)
}

fn accepted_id(id: &HeaderValue) -> Option<&str> {
    let id = id.to_str().ok()?;
    let is_accepted = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    ((1..=64).contains(&id.len()) && id.bytes().all(is_accepted)).then_some(id)
}

/// The host and port, if they are this machine's own; links must not lead where an attacker's header says.
fn loopback(host: &HeaderValue) -> Option<&str> {
    let host = host.to_str().ok()?;
    let authority: Authority = host.parse().ok()?;
    matches!(authority.host(), "127.0.0.1" | "localhost" | "[::1]").then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_s_own_hosts_are_served() {
        assert_eq!(loopback(&value("127.0.0.1:8080")), Some("127.0.0.1:8080"));
        assert_eq!(loopback(&value("example.com")), None);
        assert_eq!(loopback(&value("localhost@example.com")), None);
    }

    #[test]
    fn request_ids_are_checked() {
        assert_eq!(accepted_id(&value("a-B_9")), Some("a-B_9"));
        for id in ["", "a b", "a.b"] {
            assert_eq!(accepted_id(&value(id)), None, "{id}");
        }
    }
}
