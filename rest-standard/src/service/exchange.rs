//! What is known of a request before its route: its ids, the host it was sent to, and what the answer repeats of it.

use std::{borrow::Cow, time::Instant};

use bytes::Bytes;
use http::{HeaderMap, StatusCode, header::HOST};
use serde_json::Value as Json;
use tracing::Span;
use uuid::Uuid;

#[cfg(feature = "otlp")]
use super::trace;
use super::{Api, Request, negotiate, secrets};
use crate::{
    document::Exchange,
    error::{Error, Fault, Reason},
    query::{Format, Standard, pairs},
};

/// The largest body that an answer repeats, in bytes.
const ECHO_LIMIT: usize = 8 << 10;

/// The id that the client sent.
#[derive(Debug)]
pub(super) enum ClientId {
    /// None.
    Absent,
    /// A valid one, which is the effective id.
    Valid,
    /// One that is refused and never repeated.
    Refused(Error),
}

/// A request whose answer has begun, the id that the client sent, and whether the host is one of the service's.
pub(super) type Begun = (Exchange, ClientId, Result<(), Error>);

/// Begins the answer to `request`.
pub(super) fn begin(api: &Api, request: &Request) -> Begun {
    let server_id = api.source.uuid_v7().simple().encode_lower(&mut Uuid::encode_buffer()).to_owned();
    let sent = sent_ids(request);
    let client = judge(&sent);
    let id = match (&client, sent.first()) {
        (ClientId::Valid, Some((id, _))) => id.clone(),
        _ => server_id.clone(),
    };
    let refused = matches!(client, ClientId::Refused(_));
    let query = if refused || !api.secrets.is_empty() {
        redact_query(api, &request.query, refused)
    } else {
        request.query.clone()
    };
    let (origin, host) = match origin(api, &request.headers) {
        Ok(origin) => (origin, Ok(())),
        Err(error) => (api.settings.public_url.clone().unwrap_or_default(), Err(error)),
    };
    let begun = Exchange {
        started: Instant::now(),
        route: None,
        id,
        server_id,
        trace_id: trace_id(&request.headers),
        trace: Span::none(),
        method: request.method.clone(),
        uri: request.path.clone(),
        query,
        body: Bytes::from_static(b"null"),
        root: [&origin, api.root_path.as_str()].concat(),
        origin,
        version: None,
        named: negotiate::named(request),
        accepted: negotiate::accepted(&request.headers),
        format: Format::Json,
    };
    #[cfg(feature = "otlp")]
    let begun = if api.settings.traces { trace::begin(begun, &request.headers) } else { begun };
    (begun, client, host)
}

impl Exchange {
    /// The span of author code that answers: its log lines carry the ids.
    pub(super) fn span(&self) -> Span {
        if self.trace.is_none() {
            tracing::info_span!(
                "request",
                request_id = self.id,
                server_request_id = self.server_id,
                trace_id = self.trace_id
            )
        } else {
            self.trace.clone()
        }
    }

    /// Logs that an answer broke off after it had begun, so that no client was told why.
    pub(super) fn broke_off(&self, error: &Error) {
        tracing::error!(
            request_id = self.id,
            server_request_id = self.server_id,
            trace_id = self.trace_id,
            uri = self.uri,
            reason = error.reason().name(),
            cause = error.source().map(tracing::field::display),
            "an answer broke off: {}",
            error.description()
        );
    }

    /// Logs the answer: the access log, which has a target of its own to switch it on and off by.
    pub(super) fn answered(&self, status: StatusCode) {
        #[cfg(feature = "otlp")]
        trace::answered(self, status);
        tracing::debug!(
            target: "rest_standard::access",
            request_id = self.id,
            server_request_id = self.server_id,
            trace_id = self.trace_id,
            method = self.method.as_str(),
            uri = self.uri,
            status = status.as_u16(),
            duration_ms = self.started.elapsed().as_secs_f64() * 1000.0,
            "answered"
        );
    }
}

/// The trace id of a valid `traceparent`: `00-{32 hex digits}-{16}-{2}`, not all zeros.
fn trace_id(headers: &HeaderMap) -> Option<String> {
    let parts: Vec<&str> = headers.get("traceparent")?.to_str().ok()?.split('-').collect();
    let [_, trace, parent, flags, ..] = parts[..] else { return None };
    let is_hex = |text: &str, length| {
        text.len() == length
            && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    };
    let valid =
        is_hex(trace, 32) && is_hex(parent, 16) && is_hex(flags, 2) && trace.bytes().any(|byte| byte != b'0');
    valid.then(|| trace.to_owned())
}

/// Every id that the client sent, with the place it came from.
fn sent_ids(request: &Request) -> Vec<(String, Fault)> {
    let mut sent = Vec::new();
    for (name, shown) in [("request-id", "Request-ID"), ("idempotency-key", "Idempotency-Key")] {
        for value in request.headers.get_all(name) {
            let fault = Fault::header(Reason::InvalidRequestId, shown, FORM);
            sent.push((value.to_str().unwrap_or_default().to_owned(), fault));
        }
    }
    if request.query.contains("requestID") || request.query.contains('%') {
        for pair in pairs(&request.query).filter(|pair| pair.standard() == Some(Standard::RequestId)) {
            let fault = Fault::parameter(Reason::InvalidRequestId, "$requestID", FORM);
            sent.push((pair.value.into_owned(), fault));
        }
    }
    sent
}

const FORM: &str = "must be 1 to 64 characters of A-Z, a-z, 0-9, `_` and `-`";

fn judge(sent: &[(String, Fault)]) -> ClientId {
    let Some((first, _)) = sent.first() else { return ClientId::Absent };
    let well_formed = |id: &str| {
        (1..=64).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
    };
    let malformed: Vec<Fault> =
        sent.iter().filter(|(id, _)| !well_formed(id)).map(|(_, fault)| fault.clone()).collect();
    if !malformed.is_empty() {
        return ClientId::Refused(Error::from_faults(malformed));
    }
    if let Some((_, fault)) = sent.iter().find(|(id, _)| id != first) {
        let fault = Fault {
            detail: "differs from another request id of the same request; send one".to_owned(),
            ..fault.clone()
        };
        return ClientId::Refused(Error::from_faults(vec![fault]));
    }
    ClientId::Valid
}

fn redact_query(api: &Api, query: &str, refused_id: bool) -> String {
    let parts = query.split('&').map(|raw| {
        let refused = pairs(raw).any(|pair| {
            (refused_id && pair.standard() == Some(Standard::RequestId)) || api.secrets.contains(&*pair.name)
        });
        let name = raw.split('=').next().unwrap_or_default();
        if refused { format!("{name}=[redacted]") } else { raw.to_owned() }
    });
    parts.collect::<Vec<_>>().join("&")
}

/// The scheme and authority that links start with.
fn origin(api: &Api, headers: &HeaderMap) -> Result<String, Error> {
    let misdirected = || {
        Error::new(
            Reason::MisdirectedRequest,
            "This service does not answer for the host of the request; an operator can allow it with `--allow-host`.",
        )
    };
    let mut hosts = headers.get_all(HOST).into_iter();
    let host = match hosts.next() {
        Some(host) => plain_authority(host.to_str().map_err(|_| misdirected())?),
        None => return Err(Error::new(Reason::MalformedRequest, "The request has no `Host` header.")),
    };
    if hosts.next().is_some() {
        return Err(Error::new(Reason::MalformedRequest, "The request has more than one `Host` header."));
    }
    if let Some(public) = &api.settings.public_url {
        let authority = public.split_once("://").map_or(public.as_str(), |(_, authority)| authority);
        let default_port = if public.starts_with("https:") { ":443" } else { ":80" };
        let host = host.strip_suffix(default_port).unwrap_or(&host);
        if host.eq_ignore_ascii_case(authority) || is_allowed(api, host) {
            return Ok(public.clone());
        }
        return Err(misdirected());
    }
    if is_allowed(api, &host) { Ok(["http://", &host].concat()) } else { Err(misdirected()) }
}

/// The host and port as links name them: without a colon that no port follows, and without the dot of a complete name,
/// which say nothing (RFC 3986, sections 3.2.2 and 6.2.3).
fn plain_authority(authority: &str) -> Cow<'_, str> {
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (host, port),
        _ => (authority, ""),
    };
    let plain = host.strip_suffix('.').filter(|name| !name.contains(':')).unwrap_or(host);
    match port {
        "" => Cow::Borrowed(plain),
        _ if plain == host => Cow::Borrowed(authority),
        port => Cow::Owned([plain, ":", port].concat()),
    }
}

fn is_allowed(api: &Api, authority: &str) -> bool {
    // The authority becomes part of every link, so only what a host and port consist of gets through.
    if !authority.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]_".contains(&byte)) {
        return false;
    }
    let name = match authority.rsplit_once(':') {
        Some((name, port)) if !name.is_empty() && !name.ends_with(':') && port.parse::<u16>().is_ok() => name,
        _ => authority,
    };
    let loopback = name.eq_ignore_ascii_case("localhost")
        || name == "[::1]"
        || name.parse::<std::net::Ipv4Addr>().is_ok_and(|address| address.is_loopback());
    loopback
        || api
            .settings
            .allowed_hosts
            .iter()
            .any(|host| host.eq_ignore_ascii_case(name) || host.eq_ignore_ascii_case(authority))
}

/// What the answer repeats of a body that was read as `json` from `raw`.
pub(super) fn echo(api: &Api, raw: &Bytes, json: &Json) -> Bytes {
    if raw.len() > ECHO_LIMIT {
        return Bytes::from_static(br#"{"truncated":true}"#);
    }
    if api.secrets.is_empty() {
        return raw.clone();
    }
    Bytes::from(secrets::redact(api, json).to_string())
}
