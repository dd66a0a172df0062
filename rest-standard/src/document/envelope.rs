//! The one shape of every answer: `status`, `request`, `data`.

use std::{
    borrow::Cow,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, StatusCode,
    header::{
        ALLOW, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
        ETAG, LINK, LOCATION, RETRY_AFTER, VARY, X_CONTENT_TYPE_OPTIONS,
    },
};
use tracing::Span;

use super::{Content, Rows, etag, writer::JsonWriter, xml};
use crate::{
    error::{Error, Locator, Reason},
    query::Format,
};

const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");
const SERVER_REQUEST_ID: HeaderName = HeaderName::from_static("server-request-id");
const API_VERSION: HeaderName = HeaderName::from_static("api-version");
const ACCEPT_PATCH: HeaderName = HeaderName::from_static("accept-patch");
const IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// How long a client should wait after an error that does not say, in milliseconds.
const RETRY_AFTER_MILLIS: u64 = 1000;

/// What an answer repeats of its request.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    /// When it began.
    pub(crate) started: Instant,
    /// The address that it was sent to, with names in the place of ids; where somebody counts requests.
    pub(crate) route: Option<Arc<str>>,
    /// The effective request id.
    pub(crate) id: String,
    /// The server's own id of the request.
    pub(crate) server_id: String,
    /// The trace id of a valid `traceparent` (W3C Trace Context), or of the trace that begins here.
    pub(crate) trace_id: Option<String>,
    /// The span of the request as a whole; none where nobody collects traces.
    pub(crate) trace: Span,
    /// The method.
    pub(crate) method: Method,
    /// The path as received.
    pub(crate) uri: String,
    /// The query as received; a refused request id is redacted.
    pub(crate) query: String,
    /// The body as JSON text; `null` where there is none.
    pub(crate) body: Bytes,
    /// The scheme and authority that links start with.
    pub(crate) origin: String,
    /// The URL of the entry point as this client addresses it.
    pub(crate) root: String,
    /// The version's label, where the request is below one.
    pub(crate) version: Option<HeaderValue>,
    /// The format that the URL names; absent where it leaves that to `Accept`.
    pub(crate) named: Option<Format>,
    /// What `Accept` lets the answer be.
    pub(crate) accepted: Accepted,
    /// The format of a success, once it is settled.
    pub(crate) format: Format,
}

/// What `Accept` lets an answer be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Accepted {
    /// The format of a list; absent where it takes none.
    pub(crate) list: Option<Format>,
    /// The format of an export; absent where it takes none.
    pub(crate) export: Option<Format>,
    /// The format of anything else.
    pub(crate) other: Option<Format>,
    /// The format of an error, whatever it takes.
    pub(crate) error: ErrorFormat,
}

/// The format of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ErrorFormat {
    /// The envelope in JSON.
    Json,
    /// The envelope in XML.
    Xml,
    /// `application/problem+json` (RFC 9457).
    Problem,
    /// A page for people.
    Html,
}

impl Exchange {
    /// The format of an error: CSV has no place for one.
    pub(crate) fn error_format(&self) -> ErrorFormat {
        match self.named {
            Some(Format::Xml) => ErrorFormat::Xml,
            Some(Format::Json | Format::Csv | Format::Ndjson | Format::Html) => ErrorFormat::Json,
            None => self.accepted.error,
        }
    }
}

/// The parts of a success that are not in its body.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The sentence for a person.
    pub(crate) description: Cow<'static, str>,
    /// `Location`.
    pub(crate) location: Option<String>,
    /// `ETag`.
    pub(crate) etag: Option<String>,
    /// `Allow`.
    pub(crate) allow: Option<String>,
    /// `Accept-Patch`.
    pub(crate) accept_patch: bool,
    /// `Link` to the next page.
    pub(crate) next: Option<String>,
    /// What a client should call the file that it saves rows in; letters, digits, `-` and `.`.
    pub(crate) file_name: Option<String>,
    /// Whether this is the recorded answer of an earlier request with the same id.
    pub(crate) replayed: bool,
}

/// `data` of a success.
pub(crate) enum Data {
    /// JSON, which can also be recorded and sent again.
    Json(Vec<u8>),
    /// The envelope around it as well, from [`begin_success`], but for the envelope's end: a large answer is not copied.
    Enveloped(JsonWriter),
    /// A list in CSV, which has no envelope.
    Csv(Vec<u8>),
    /// An export, which has no envelope and is still being read.
    Rows(Rows),
    /// A document without an envelope.
    Document(Document),
    /// No body at all: 304.
    NotModified,
}

/// What is answered as it is: the OpenAPI document, a page for people.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    /// The media type.
    pub(crate) media_type: &'static str,
    /// What a browser may do with it, as `Content-Security-Policy`.
    pub(crate) policy: HeaderValue,
    /// The bytes.
    pub(crate) bytes: Bytes,
}

/// What a browser may do with an answer that is no page: nothing.
pub(crate) const NO_PAGE: HeaderValue =
    HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

/// `data` of a success: `meta` and `values` are written by the caller.
pub(crate) fn success_data(
    capacity: usize,
    meta: impl FnOnce(&mut JsonWriter),
    values: impl FnOnce(&mut JsonWriter),
) -> Vec<u8> {
    let mut writer = JsonWriter::with_capacity(capacity);
    write_data(&mut writer, meta, values);
    writer.into_bytes()
}

/// Writes `data` of a success.
pub(crate) fn write_data(
    writer: &mut JsonWriter,
    meta: impl FnOnce(&mut JsonWriter),
    values: impl FnOnce(&mut JsonWriter),
) {
    writer.begin_object();
    writer.name("meta");
    writer.begin_object();
    meta(writer);
    writer.end_object();
    writer.name("values");
    values(writer);
    writer.end_object();
}

/// The envelope of a success with `status` up to its `data`, which is to be written next and takes about `capacity` bytes.
pub(crate) fn begin_success(
    exchange: &Exchange,
    status: u16,
    description: &str,
    capacity: usize,
) -> JsonWriter {
    let mut writer = begin(exchange, status, description, capacity);
    writer.begin_object();
    writer.end_object();
    writer.end_object();
    write_request(&mut writer, exchange);
    writer.name("data");
    writer
}

/// Writes `meta.validated`, which tells a dry run.
pub(crate) fn write_validated(meta: &mut JsonWriter, validated: bool) {
    if validated {
        meta.name("validated");
        meta.boolean(true);
    }
}

fn header(text: &str) -> HeaderValue {
    // Ids, tags and addresses are checked ASCII; anything else is left empty rather than split a header.
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""))
}

fn common_headers(exchange: &Exchange) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(16);
    headers.insert(REQUEST_ID, header(&exchange.id));
    headers.insert(SERVER_REQUEST_ID, header(&exchange.server_id));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(CONTENT_SECURITY_POLICY, NO_PAGE);
    if let Some(version) = &exchange.version {
        headers.insert(API_VERSION, version.clone());
    }
    if exchange.named.is_none() {
        headers.insert(VARY, HeaderValue::from_static("accept"));
    }
    headers
}

fn begin(exchange: &Exchange, status: u16, description: &str, capacity: usize) -> JsonWriter {
    let mut writer = JsonWriter::with_capacity(
        capacity + exchange.uri.len() + exchange.query.len() + exchange.body.len() + 256,
    );
    writer.begin_object();
    writer.name("status");
    writer.begin_object();
    writer.name("code");
    writer.integer(i64::from(status));
    writer.name("description");
    writer.string(description);
    writer.name("additionalInfo");
    writer
}

fn write_request(writer: &mut JsonWriter, exchange: &Exchange) {
    writer.name("request");
    writer.begin_object();
    writer.name("id");
    writer.plain(&exchange.id);
    writer.name("uri");
    writer.string(&exchange.uri);
    writer.name("queryString");
    writer.string(&exchange.query);
    writer.name("body");
    writer.raw(&exchange.body);
    writer.end_object();
}

/// Renders a success; a page for people is made from the envelope in JSON that this gives in its place.
#[must_use]
pub(crate) fn render(exchange: &Exchange, outcome: &Outcome, data: Data) -> (StatusCode, HeaderMap, Content) {
    let status = StatusCode::from_u16(outcome.status).unwrap_or(StatusCode::OK);
    let mut headers = common_headers(exchange);
    if let Some(location) = &outcome.location {
        headers.insert(LOCATION, header(location));
    }
    if let Some(tag) = &outcome.etag {
        headers.insert(ETAG, header(&etag::of_representation(tag, exchange.format.tag_part())));
    }
    if let Some(allow) = &outcome.allow {
        headers.insert(ALLOW, header(allow));
    }
    if outcome.accept_patch {
        headers.insert(ACCEPT_PATCH, accept_patch());
    }
    if let Some(next) = &outcome.next {
        headers.insert(LINK, header(&format!("<{next}>; rel=\"next\"")));
    }
    if outcome.replayed {
        headers.insert(IDEMPOTENCY_REPLAYED, HeaderValue::from_static("true"));
    }
    let mut writer = match data {
        Data::NotModified => return (StatusCode::NOT_MODIFIED, headers, Bytes::new().into()),
        Data::Document(document) => {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(document.media_type));
            // A browser takes the policy of a 304 for the page that it has kept.
            headers.insert(CONTENT_SECURITY_POLICY, document.policy);
            if status == StatusCode::NOT_MODIFIED {
                headers.remove(CONTENT_TYPE);
                return (status, headers, Bytes::new().into());
            }
            return (status, headers, document.bytes.into());
        }
        Data::Csv(rows) => {
            save_as(&mut headers, outcome);
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(Format::Csv.media_type()));
            return (status, headers, Bytes::from(rows).into());
        }
        Data::Rows(rows) => {
            save_as(&mut headers, outcome);
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(exchange.format.media_type()));
            let is_head = exchange.method == Method::HEAD;
            return (status, headers, if is_head { Content::Omitted } else { Content::Rows(rows) });
        }
        Data::Enveloped(writer) => writer,
        Data::Json(data) => {
            let mut writer = begin_success(exchange, outcome.status, &outcome.description, data.len());
            writer.raw(&data);
            writer
        }
    };
    writer.end_object();
    let format = if exchange.format == Format::Xml { ErrorFormat::Xml } else { ErrorFormat::Json };
    let body = enveloped(&mut headers, writer, format);
    (status, headers, body.into())
}

/// Tells a browser that the answer is a file to save, and what to call it (RFC 6266).
fn save_as(headers: &mut HeaderMap, outcome: &Outcome) {
    if let Some(name) = &outcome.file_name {
        headers.insert(CONTENT_DISPOSITION, header(&format!("attachment; filename=\"{name}\"")));
    }
}

/// The finished envelope in the format, and its `Content-Type`.
fn enveloped(headers: &mut HeaderMap, writer: JsonWriter, format: ErrorFormat) -> Bytes {
    let (media, body) = match format {
        ErrorFormat::Json | ErrorFormat::Html => (Format::Json.media_type(), writer.into_bytes()),
        ErrorFormat::Xml => (Format::Xml.media_type(), xml::from_json(&writer.into_bytes())),
        ErrorFormat::Problem => (PROBLEM, writer.into_bytes()),
    };
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media));
    body.into()
}

/// Puts a page in the place of the envelope that it was made from.
pub(crate) fn replace(headers: &mut HeaderMap, page: Document) -> Bytes {
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(page.media_type));
    headers.insert(CONTENT_SECURITY_POLICY, page.policy);
    page.bytes
}

/// The body that is sent: an answer to HEAD has none, and says how long that of GET is.
pub(crate) fn sent(exchange: &Exchange, headers: &mut HeaderMap, body: Content) -> Content {
    let Content::Whole(bytes) = &body else { return body };
    // A 304 has no body to speak of.
    if exchange.method != Method::HEAD || bytes.is_empty() {
        return body;
    }
    headers.insert(CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    Bytes::new().into()
}

/// The media types of PATCH bodies.
#[must_use]
pub(crate) fn accept_patch() -> HeaderValue {
    HeaderValue::from_static("application/merge-patch+json, application/json-patch+json, application/json")
}

/// Renders a refusal with the `Allow` header that some refusals carry. `status` is given where it is not the reason's
/// own, as for an author's own route.
#[must_use]
pub(crate) fn error(
    exchange: &Exchange,
    error: &Error,
    allow: Option<&str>,
    status: Option<StatusCode>,
) -> (StatusCode, HeaderMap, Content) {
    let reason = error.reason();
    let own = StatusCode::from_u16(reason.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let status = status.unwrap_or(own);
    let retry = reason.retry()
        && status != StatusCode::NOT_IMPLEMENTED
        && status != StatusCode::HTTP_VERSION_NOT_SUPPORTED;
    let retry_after: Option<u64> = retry.then(|| {
        let delay = error.retry_after().unwrap_or(Duration::from_millis(RETRY_AFTER_MILLIS));
        delay.as_millis().try_into().unwrap_or(u64::MAX)
    });
    let mut headers = common_headers(exchange);
    if let Some(allow) = allow {
        headers.insert(ALLOW, header(allow));
    }
    if reason == Reason::UnsupportedMediaType && exchange.method == Method::PATCH {
        headers.insert(ACCEPT_PATCH, accept_patch());
    }
    if let Some(millis) = retry_after.filter(|millis| *millis > 0) {
        headers.insert(RETRY_AFTER, HeaderValue::from(millis.div_ceil(1000)));
    }
    let format = exchange.error_format();
    let writer = if format == ErrorFormat::Problem {
        problem(exchange, error, status, retry_after)
    } else {
        let mut writer = begin(exchange, status.as_u16(), error.description(), 512);
        writer.begin_object();
        write_additional_info(&mut writer, error, retry_after);
        writer.end_object();
        writer.end_object();
        write_request(&mut writer, exchange);
        writer.name("data");
        writer.null();
        writer.end_object();
        writer
    };
    let body = enveloped(&mut headers, writer, format);
    (status, headers, body.into())
}

/// The media type of RFC 9457.
pub(crate) const PROBLEM: &str = "application/problem+json";

fn problem(exchange: &Exchange, error: &Error, status: StatusCode, retry_after: Option<u64>) -> JsonWriter {
    let mut writer = JsonWriter::with_capacity(768);
    writer.begin_object();
    writer.name("type");
    writer.plain("about:blank");
    writer.name("title");
    writer.plain(status.canonical_reason().unwrap_or("Error"));
    writer.name("status");
    writer.integer(i64::from(status.as_u16()));
    writer.name("detail");
    writer.string(error.description());
    writer.name("instance");
    writer.string(&exchange.uri);
    write_additional_info(&mut writer, error, retry_after);
    writer.end_object();
    writer
}

fn write_additional_info(writer: &mut JsonWriter, error: &Error, retry_after: Option<u64>) {
    let reason = error.reason();
    writer.name("reason");
    writer.plain(wire_name(reason));
    writer.name("retry");
    writer.boolean(retry_after.is_some());
    writer.name("retryAfterMillis");
    match retry_after {
        Some(millis) => writer.integer(i64::try_from(millis).unwrap_or(i64::MAX)),
        None => writer.null(),
    }
    for (name, value) in [
        ("fixRequest", reason.status() < 500 && !reason.retry()),
        ("reauthenticate", reason == Reason::Unauthenticated),
        ("maintenance", reason == Reason::Maintenance),
        ("contactSupport", reason == Reason::Internal),
    ] {
        writer.name(name);
        writer.boolean(value);
    }
    writer.name("errors");
    writer.begin_array();
    for fault in error.faults() {
        let (locator, place) = match &fault.locator {
            Locator::Pointer(at) => ("pointer", at.as_str()),
            Locator::Parameter(name) => ("parameter", name.as_str()),
            Locator::Header(name) => ("header", *name),
        };
        writer.begin_object();
        writer.name(locator);
        writer.string(place);
        if let Some(position) = fault.position {
            writer.name("position");
            writer.integer(i64::try_from(position).unwrap_or(i64::MAX));
        }
        writer.name("detail");
        writer.string(&fault.detail);
        writer.end_object();
    }
    writer.end_array();
    writer.name("notices");
    writer.begin_array();
    writer.end_array();
}

/// Both time-outs have the same name on the wire; their statuses tell them apart.
pub(crate) fn wire_name(reason: Reason) -> &'static str {
    match reason {
        Reason::RequestTimeout => "Timeout",
        other => other.name(),
    }
}
