//! A client that calls the router directly.

#[cfg(feature = "contract")]
use std::sync::Arc;
use std::{fmt::Write as _, future::IntoFuture, io};

use axum::body::Body;
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Uri,
    header::{CONTENT_TYPE, HOST},
};
use http_body_util::BodyExt as _;
use serde_json::Value as Json;
use tower::ServiceExt as _;

use super::contract;
#[cfg(feature = "contract")]
use super::document::Document;
use crate::descriptor::BoxFuture;

/// Sends requests to a service without a socket; cheap to clone.
#[derive(Clone, Debug)]
pub struct TestClient {
    router: axum::Router,
    headers: HeaderMap,
    #[cfg(feature = "contract")]
    document: Option<Arc<Document>>,
}

impl TestClient {
    /// A client of `router`. Its requests name the host `localhost`.
    #[must_use]
    pub fn new(router: axum::Router) -> Self {
        let headers = HeaderMap::from_iter([(HOST, HeaderValue::from_static("localhost"))]);
        Self {
            router,
            headers,
            #[cfg(feature = "contract")]
            document: None,
        }
    }

    /// The same client, whose responses must be what the document says.
    #[cfg(feature = "contract")]
    #[must_use]
    pub(crate) fn with_document(mut self, document: Arc<Document>) -> Self {
        self.document = Some(document);
        self
    }

    /// The same client with a header in all of its requests, in place of one with the same name.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        let (name, value) = header(name, value);
        self.headers.insert(name, value);
        self
    }

    /// A GET, sent when it is awaited.
    pub fn get(&self, path: &str) -> TestRequest {
        self.request(Method::GET, path)
    }

    /// A POST with a JSON body.
    #[allow(clippy::needless_pass_by_value, reason = "tests hand in `json!` literals")]
    pub fn post(&self, path: &str, body: Json) -> TestRequest {
        self.request(Method::POST, path).body(&body)
    }

    /// A PUT with a JSON body.
    #[allow(clippy::needless_pass_by_value, reason = "tests hand in `json!` literals")]
    pub fn put(&self, path: &str, body: Json) -> TestRequest {
        self.request(Method::PUT, path).body(&body)
    }

    /// A PATCH with a JSON merge patch.
    #[allow(clippy::needless_pass_by_value, reason = "tests hand in `json!` literals")]
    pub fn patch(&self, path: &str, body: Json) -> TestRequest {
        self.request(Method::PATCH, path).body(&body).header("content-type", "application/merge-patch+json")
    }

    /// A DELETE.
    pub fn delete(&self, path: &str) -> TestRequest {
        self.request(Method::DELETE, path)
    }

    /// Any request. An absolute address, as in a link, loses its scheme and host.
    pub fn request(&self, method: Method, path: &str) -> TestRequest {
        let target = match path.split_once("://") {
            Some((_, rest)) => rest.find('/').map_or("/", |at| &rest[at..]),
            None => path,
        };
        let uri = target
            .parse()
            .unwrap_or_else(|error| panic!("`{target}` cannot be a request's address: {error}"));
        TestRequest {
            router: self.router.clone(),
            method,
            uri,
            headers: self.headers.clone(),
            body: Bytes::new(),
            contract: true,
            end: End::Whole,
            #[cfg(feature = "contract")]
            document: self.document.clone(),
        }
    }
}

fn header(name: &str, value: &str) -> (HeaderName, HeaderValue) {
    let name = name.parse().unwrap_or_else(|_| panic!("`{name}` cannot be the name of a header"));
    let value =
        value.parse().unwrap_or_else(|_| panic!("`{value}` cannot be the value of the header `{name}`"));
    (name, value)
}

/// How a request's body ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// As it should.
    Whole,
    /// Not at all.
    Hanging,
    /// With the connection.
    BrokenOff,
}

/// A request that is sent when it is awaited.
#[derive(Debug)]
#[must_use = "a request is sent when it is awaited"]
pub struct TestRequest {
    router: axum::Router,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
    contract: bool,
    end: End,
    #[cfg(feature = "contract")]
    document: Option<Arc<Document>>,
}

impl TestRequest {
    /// Sets a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let (name, value) = header(name, value);
        self.headers.insert(name, value);
        self
    }

    /// Adds a header beside those of the same name.
    pub fn repeat_header(mut self, name: &str, value: &str) -> Self {
        let (name, value) = header(name, value);
        self.headers.append(name, value);
        self
    }

    /// Leaves a header out.
    pub fn without_header(mut self, name: &str) -> Self {
        self.headers.remove(name);
        self
    }

    /// Sets the body to JSON.
    pub fn body(self, body: &Json) -> Self {
        self.text("application/json", body.to_string())
    }

    /// Sets the body and its media type.
    pub fn text(mut self, media_type: &str, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self.header(CONTENT_TYPE.as_str(), media_type)
    }

    /// Sends the body without its end, as a client that hangs.
    pub fn unfinished(mut self) -> Self {
        self.end = End::Hanging;
        self
    }

    /// Sends the body without its end, as a client whose connection breaks.
    pub fn broken_off(mut self) -> Self {
        self.end = End::BrokenOff;
        self
    }

    /// Takes the response as it is, as the answers of merged routes need.
    pub fn unchecked(mut self) -> Self {
        self.contract = false;
        self
    }

    /// Sends the request; awaiting it does the same.
    pub async fn send(self) -> TestResponse {
        let Self { router, method, uri, headers, body, contract, end, .. } = self;
        #[cfg(feature = "contract")]
        let has_body = end != End::Whole || !body.is_empty();
        let begun = |body| stream::once(std::future::ready(Ok::<_, io::Error>(body)));
        let mut request = Request::new(match end {
            End::Whole => Body::from(body),
            End::Hanging => Body::from_stream(begun(body).chain(stream::pending())),
            End::BrokenOff => {
                let broken = Err(io::ErrorKind::ConnectionReset.into());
                Body::from_stream(begun(body).chain(stream::once(std::future::ready(broken))))
            }
        });
        *request.method_mut() = method.clone();
        *request.uri_mut() = uri.clone();
        *request.headers_mut() = headers;
        let (parts, body) = match router.oneshot(request).await {
            Ok(response) => response.into_parts(),
            Err(never) => match never {},
        };
        let bytes = match body.collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) => panic!("{method} {uri}: the response's body broke off: {error}"),
        };
        let response = TestResponse {
            request: format!("{method} {uri}"),
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: serde_json::from_slice(&bytes).unwrap_or(Json::Null),
            text: String::from_utf8_lossy(&bytes).into_owned(),
            bytes,
        };
        if contract {
            #[allow(unused_mut, reason = "only the document adds to them")]
            let mut faults = contract::faults(&method, &uri, &response);
            #[cfg(feature = "contract")]
            if let Some(document) = self.document {
                faults.extend(document.faults(&method, &uri, has_body, &response));
            }
            assert!(
                faults.is_empty(),
                "the response breaks the contract:\n  {}\n{response}",
                faults.join("\n  ")
            );
        }
        response
    }
}

impl IntoFuture for TestRequest {
    type Output = TestResponse;
    type IntoFuture = BoxFuture<'static, TestResponse>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

/// A response with its whole body.
#[derive(Clone, Debug)]
pub struct TestResponse {
    request: String,
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as JSON; null where it is none.
    pub body: Json,
    /// The body as text.
    pub text: String,
    /// The body as it came.
    pub bytes: Bytes,
}

impl TestResponse {
    /// Asserts the status.
    ///
    /// # Panics
    ///
    /// When it is another, with the whole response.
    #[track_caller]
    pub fn assert_status(self, expected: u16) -> Self {
        assert!(self.status == expected, "expected the status {expected}, got {}\n{self}", self.status);
        self
    }

    /// Asserts that the request was refused with this status and reason.
    ///
    /// # Panics
    ///
    /// When it was not, with the whole response.
    #[track_caller]
    pub fn assert_refused(&self, status: u16, reason: &str) -> &Self {
        let got = self.body["status"]["additionalInfo"]["reason"].as_str().unwrap_or("none");
        assert!(
            self.status == status && got == reason,
            "expected {status} {reason}, got {} {got}\n{self}",
            self.status
        );
        self
    }

    /// `data.values`: the resource, or the elements of a list.
    #[must_use]
    pub fn values(&self) -> &Json {
        &self.body["data"]["values"]
    }

    /// `data.meta`.
    #[must_use]
    pub fn meta(&self) -> &Json {
        &self.body["data"]["meta"]
    }

    /// The links: of the resource, or in `data.meta` of a list; empty where there are none.
    #[must_use]
    pub fn links(&self) -> &[Json] {
        let links = match self.values() {
            Json::Object(values) => values.get("links"),
            _ => self.meta().get("links"),
        };
        links.and_then(Json::as_array).map_or(&[], Vec::as_slice)
    }

    /// The address of the first link with this relation and method.
    ///
    /// # Panics
    ///
    /// When there is none, with the whole response.
    #[must_use]
    #[track_caller]
    pub fn link(&self, rel: &str, action: &str) -> &str {
        self.links()
            .iter()
            .find(|link| link["rel"] == rel && link["action"] == action)
            .and_then(|link| link["href"].as_str())
            .unwrap_or_else(|| panic!("there is no link `{rel}` with the action {action}\n{self}"))
    }

    /// `status.additionalInfo.reason` of an error.
    ///
    /// # Panics
    ///
    /// When the response has none.
    #[must_use]
    #[track_caller]
    pub fn reason(&self) -> &str {
        let reason = self.body["status"]["additionalInfo"]["reason"].as_str();
        reason.unwrap_or_else(|| panic!("the response has no reason\n{self}"))
    }

    /// `status.additionalInfo.errors`: the faults of the request; empty where there are none.
    #[must_use]
    pub fn errors(&self) -> &[Json] {
        self.body["status"]["additionalInfo"]["errors"].as_array().map_or(&[], Vec::as_slice)
    }

    /// The value of a header.
    ///
    /// # Panics
    ///
    /// When the response does not have it, or it is not text.
    #[must_use]
    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        self.find_header(name).unwrap_or_else(|| panic!("the response has no header `{name}`\n{self}"))
    }

    /// The value of a header; `None` where the response does not have it.
    #[must_use]
    pub fn find_header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// What was asked: method and address.
    #[must_use]
    pub fn request(&self) -> &str {
        &self.request
    }
}

/// The whole exchange, for the messages of failed assertions.
impl std::fmt::Display for TestResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut headers = String::new();
        for (name, value) in &self.headers {
            let _ = writeln!(headers, "{name}: {}", String::from_utf8_lossy(value.as_bytes()));
        }
        let body = match &self.body {
            Json::Null => self.text.clone(),
            body => serde_json::to_string_pretty(body).unwrap_or_default(),
        };
        write!(f, "{}\n{}\n{headers}\n{body}", self.request, self.status)
    }
}
