//! The span of a request, as OpenTelemetry's conventions for HTTP describe it.

use std::borrow::Cow;

use http::{HeaderMap, StatusCode};
use opentelemetry::{
    propagation::TextMapPropagator as _,
    trace::{Status, TraceContextExt as _},
};
use opentelemetry_http::HeaderExtractor;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::field::Empty;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use super::metrics::method;
use crate::document::Exchange;

/// Gives the request a span, a part of the trace that its `traceparent` names or the first one of a new trace.
pub(super) fn begin(mut exchange: Exchange, headers: &HeaderMap) -> Exchange {
    // What only a trace needs are attributes and no fields, so that log lines stay as they are.
    let span = tracing::info_span!(
        "request",
        request_id = exchange.id,
        server_request_id = exchange.server_id,
        trace_id = Empty,
        otel.kind = "server",
    );
    let _ = span.set_parent(TraceContextPropagator::new().extract(&HeaderExtractor(headers)));
    let trace_id = span.context().span().span_context().trace_id();
    // A subscriber of the author's may keep no spans.
    if trace_id != opentelemetry::TraceId::INVALID {
        exchange.trace_id = Some(trace_id.to_string());
    }
    span.record("trace_id", &exchange.trace_id);
    span.set_attribute("http.request.method", method(&exchange.method));
    span.set_attribute("url.path", exchange.uri.clone());
    span.set_attribute("url.scheme", exchange.origin.split(':').next().unwrap_or_default().to_owned());
    exchange.trace = span;
    exchange
}

/// Says how the request was answered.
pub(super) fn answered(exchange: &Exchange, status: StatusCode) {
    let span = &exchange.trace;
    if span.is_none() {
        return;
    }
    let rename = |name: Cow<'static, str>| span.context().span().update_name(name);
    let method = method(&exchange.method);
    match exchange.route.as_deref().filter(|route| !route.is_empty()) {
        Some(route) => {
            rename(format!("{method} {route}").into());
            span.set_attribute("http.route", route.to_owned());
        }
        None => rename(method.into()),
    }
    span.set_attribute("http.response.status_code", i64::from(status.as_u16()));
    // A refusal is the client's mistake and no failure of the service's.
    if status.is_server_error() {
        span.set_attribute("error.type", status.as_str().to_owned());
        span.set_status(Status::error(""));
    }
}
