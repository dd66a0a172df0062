//! What tells a browser that pages of the allowed origins may read answers: CORS, as the Fetch standard has it.
//!
//! Whether such a page may write is judged in `service`, with every other check of a request. Where no origin is allowed
//! nothing of this is there.

use std::{convert::Infallible, future::ready, time::Duration};

use axum::{
    body::Body,
    extract::Request,
    middleware::{self, Next},
    response::Response,
};
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, StatusCode,
    header::{
        ACCEPT, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_REQUEST_METHOD, ALLOW, CONTENT_LENGTH,
        CONTENT_TYPE, ETAG, IF_MATCH, IF_NONE_MATCH, LINK, LOCATION, ORIGIN, RETRY_AFTER, VARY,
    },
};
use tower::{Layer as _, ServiceExt as _, service_fn};
use tower_http::cors::CorsLayer;

/// The methods that an address can have.
const METHODS: [Method; 7] =
    [Method::GET, Method::HEAD, Method::OPTIONS, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
/// The headers that a request can have.
const SENT: [HeaderName; 8] = [
    ACCEPT,
    CONTENT_TYPE,
    IF_MATCH,
    IF_NONE_MATCH,
    HeaderName::from_static("request-id"),
    HeaderName::from_static("idempotency-key"),
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("tracestate"),
];
/// The headers of an answer that a script reads, beside those that it always may.
const READ: [HeaderName; 12] = [
    ETAG,
    LOCATION,
    LINK,
    RETRY_AFTER,
    ALLOW,
    HeaderName::from_static("accept-patch"),
    HeaderName::from_static("request-id"),
    HeaderName::from_static("server-request-id"),
    HeaderName::from_static("api-version"),
    HeaderName::from_static("idempotency-replayed"),
    HeaderName::from_static("deprecation"),
    HeaderName::from_static("sunset"),
];
/// How long a browser may remember a preflight's answer; none remembers it for longer.
const MAX_AGE: Duration = Duration::from_secs(2 * 60 * 60);

/// The router with the headers for pages of `origins` on every answer, errors and the author's routes included.
pub(super) fn readable(router: axum::Router, origins: &[String]) -> axum::Router {
    let origins: Vec<HeaderValue> = origins.iter().filter_map(|origin| origin.parse().ok()).collect();
    let layer = CorsLayer::new()
        .allow_origin(origins)
        .allow_methods(METHODS)
        .allow_headers(SENT)
        .expose_headers(READ)
        .max_age(MAX_AGE)
        .vary([ORIGIN]);
    router.layer(middleware::from_fn(move |request: Request, next: Next| {
        let layer = layer.clone();
        async move { answer(layer, request, next).await }
    }))
}

async fn answer(layer: CorsLayer, request: Request, next: Next) -> Response {
    let origin = request.headers().get(ORIGIN).cloned();
    let is_preflight = origin.is_some()
        && request.method() == Method::OPTIONS
        && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let headers = headers(layer, origin, is_preflight).await;
    let mut response = next.run(request).await;
    if !headers.contains_key(ACCESS_CONTROL_ALLOW_ORIGIN) {
        response.headers_mut().append(VARY, HeaderValue::from_static("origin"));
        return response;
    }
    if is_preflight && !response.status().is_success() {
        // A page whose preflight fails is told nothing. It is to see how the request itself is refused, and the routes of
        // an author seldom know OPTIONS.
        *response.status_mut() = StatusCode::NO_CONTENT;
        *response.body_mut() = Body::empty();
        for name in [CONTENT_TYPE, CONTENT_LENGTH, RETRY_AFTER] {
            response.headers_mut().remove(name);
        }
    }
    for (name, value) in &headers {
        if name == VARY {
            response.headers_mut().append(name, value.clone());
        } else {
            response.headers_mut().insert(name, value.clone());
        }
    }
    response
}

/// What the layer adds to the answer.
///
/// It stands beside the service and not around it, since it answers every OPTIONS by itself, and the API's own answer to
/// OPTIONS has an envelope.
async fn headers(layer: CorsLayer, origin: Option<HeaderValue>, is_preflight: bool) -> HeaderMap {
    let mut asked = http::Request::new(());
    if is_preflight {
        *asked.method_mut() = Method::OPTIONS;
    }
    if let Some(origin) = origin {
        asked.headers_mut().insert(ORIGIN, origin);
    }
    let nothing = service_fn(|_: http::Request<()>| ready(Ok::<_, Infallible>(http::Response::new(()))));
    let Ok(response) = layer.layer(nothing).oneshot(asked).await;
    response.into_parts().0.headers
}
