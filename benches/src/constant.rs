//! The limit: what axum and the machine do when a request costs nothing but HTTP.

use axum::Router;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::IntoResponse;

use crate::{Failure, serve};

/// As long as the answer to a point read; the same bytes for every method and path.
const BODY: &str = include_str!("constant.json");

/// As many headers as the other servers send.
const HEADERS: [(HeaderName, HeaderValue); 9] = [
    (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
    (header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache")),
    (header::ETAG, HeaderValue::from_static("\"9f86d081884c7d65\"")),
    (header::VARY, HeaderValue::from_static("accept")),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'")),
    (HeaderName::from_static("api-version"), HeaderValue::from_static("v1")),
    (HeaderName::from_static("request-id"), HeaderValue::from_static("019064f5c0e77cc3a8f4b1d2e3f40516")),
    (
        HeaderName::from_static("server-request-id"),
        HeaderValue::from_static("019064f5c0e77cc3a8f4b1d2e3f40516"),
    ),
];

/// Serves the constant answer.
pub(crate) async fn serve() -> Result<(), Failure> {
    serve::run(Router::new().fallback(answer)).await
}

async fn answer() -> impl IntoResponse {
    (HEADERS, BODY)
}
