//! Sending one request until it has an answer: kept connections, patience, and the same request id each time.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, Full};
use hyper_util::{
    client::legacy::{Client as Connections, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use serde_json::Value as Json;
use tokio::time::{Instant, sleep, timeout};

use crate::request::Parcel;

/// How long an answer may take; the service itself gives up after 30 s, and works on the lines of an import for longer.
const ANSWER_TIME: Duration = Duration::from_secs(40);
const LINE_TIME: Duration = Duration::from_millis(10);
const CONNECT_TIME: Duration = Duration::from_secs(5);
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// A client of one registry; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    connections: Connections<HttpConnector, Full<Bytes>>,
    /// Scheme and authority.
    origin: String,
    /// For how long a request is sent again.
    wait: Duration,
}

/// An answer that need not be asked for again.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    /// Whether it is the answer that the same request got before.
    pub(crate) is_replayed: bool,
    /// The envelope; null where there is none.
    pub(crate) body: Json,
}

impl Answer {
    /// The machine-readable cause of a refusal; empty where there is none.
    pub(crate) fn reason(&self) -> &str {
        self.body["status"]["additionalInfo"]["reason"].as_str().unwrap_or_default()
    }

    /// What a person is told of a refusal.
    pub(crate) fn description(&self) -> String {
        let description = self.body["status"]["description"].as_str();
        format!(
            "{} {}",
            self.status.as_u16(),
            description.unwrap_or("without an envelope; is this a device registry?")
        )
    }

    /// How long to wait before the request is sent again; `None` where that would not help.
    fn retry_after(&self) -> Option<Duration> {
        let info = &self.body["status"]["additionalInfo"];
        let may_retry = info["retry"].as_bool().unwrap_or(self.status.is_server_error());
        may_retry.then(|| Duration::from_millis(info["retryAfterMillis"].as_u64().unwrap_or(0)))
    }
}

/// The service could not be reached, or could not answer, for as long as a request is sent again.
#[derive(Debug)]
pub(crate) struct GaveUp {
    /// What went wrong the last time.
    pub(crate) reason: String,
}

impl Client {
    /// A client that keeps up to `connections` connections and sends a request again for `wait`.
    pub(crate) fn new(origin: String, connections: usize, wait: Duration) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(CONNECT_TIME));
        let connections = Connections::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_max_idle_per_host(connections)
            .build(connector);
        Self { connections, origin, wait }
    }

    /// Creates what a request has; sent again under the same id, it is created once.
    pub(crate) async fn post(&self, parcel: &Parcel) -> Result<Answer, GaveUp> {
        let time = ANSWER_TIME + LINE_TIME * u32::try_from(parcel.entries.len()).unwrap_or(u32::MAX);
        let body = Bytes::from(parcel.body.clone());
        let request = || {
            Request::builder()
                .method(Method::POST)
                .uri(self.address(&parcel.path))
                .header(header::CONTENT_TYPE, parcel.media)
                .header("request-id", &parcel.request_id)
                .body(Full::from(body.clone()))
        };
        self.send(request, time).await
    }

    /// Reads a resource.
    pub(crate) async fn get(&self, path: &str) -> Result<Answer, GaveUp> {
        self.send(|| Request::builder().uri(self.address(path)).body(Full::default()), ANSWER_TIME).await
    }

    fn address(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    async fn send(
        &self,
        request: impl Fn() -> http::Result<Request<Full<Bytes>>>,
        time: Duration,
    ) -> Result<Answer, GaveUp> {
        let mut deadline = None;
        let mut pause = FIRST_PAUSE;
        loop {
            let request = request().map_err(|error| GaveUp { reason: error.to_string() })?;
            let result = self.send_once(request, time).await;
            let asked = match &result {
                Ok(answer) => answer.retry_after(),
                Err(_) => Some(Duration::ZERO),
            };
            let Some(asked) = asked else { return result.map_err(|reason| GaveUp { reason }) };
            let next = pause.max(asked);
            let deadline = *deadline.get_or_insert_with(|| Instant::now() + self.wait);
            if Instant::now() + next > deadline {
                return match result {
                    // A fault that the one request meets is no reason to leave out the others.
                    Ok(answer) if answer.status != StatusCode::SERVICE_UNAVAILABLE => Ok(answer),
                    Ok(answer) => Err(GaveUp { reason: answer.description() }),
                    Err(reason) => Err(GaveUp { reason }),
                };
            }
            sleep(next).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn send_once(&self, request: Request<Full<Bytes>>, time: Duration) -> Result<Answer, String> {
        let exchange = async {
            let response = self.connections.request(request).await.map_err(|error| causes(&error))?;
            let (parts, body) = response.into_parts();
            let body = body.collect().await.map_err(|error| causes(&error))?.to_bytes();
            let is_replayed = parts.headers.get("idempotency-replayed").is_some_and(|value| value == "true");
            let body = serde_json::from_slice(&body).unwrap_or(Json::Null);
            Ok(Answer { status: parts.status, is_replayed, body })
        };
        match timeout(time, exchange).await {
            Ok(result) => result,
            Err(_) => Err(format!("no answer within {} s", time.as_secs())),
        }
    }
}

/// The error with what caused it, which for a connection is the part that helps.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}

/// Takes an address such as `http://127.0.0.1:8080/api/v1` apart: where to connect, and what paths begin with.
pub(crate) fn parse_url(text: &str) -> Result<(String, String), String> {
    let uri: Uri =
        text.parse().map_err(|_| "expected an address such as `http://127.0.0.1:8080/api/v1`".to_owned())?;
    match uri.scheme_str() {
        Some("http") => {}
        Some("https") => {
            return Err(
                "this program does not speak TLS; name the service's own address, which is `http`".to_owned()
            );
        }
        _ => return Err("the address must begin with `http://`".to_owned()),
    }
    if uri.query().is_some() {
        return Err("the address of an API has no query".to_owned());
    }
    let authority = uri.authority().ok_or("the host is missing")?;
    Ok((format!("http://{authority}"), uri.path().trim_end_matches('/').to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        let status = StatusCode::from_u16(status).unwrap();
        Answer { status, is_replayed: false, body: serde_json::from_str(body).unwrap_or(Json::Null) }
    }

    #[test]
    fn the_service_says_what_to_send_again_and_when() {
        let busy = answer(503, r#"{"status": {"additionalInfo": {"retry": true, "retryAfterMillis": 250}}}"#);
        assert_eq!(busy.retry_after(), Some(Duration::from_millis(250)));
        let taken =
            answer(409, r#"{"status": {"additionalInfo": {"retry": false, "retryAfterMillis": null}}}"#);
        assert_eq!(taken.retry_after(), None);
        assert_eq!(answer(201, "{}").retry_after(), None);
    }

    #[test]
    fn without_an_envelope_only_faults_of_the_server_are_sent_again() {
        assert_eq!(answer(502, "bad gateway").retry_after(), Some(Duration::ZERO));
        assert_eq!(answer(404, "not found").retry_after(), None);
    }

    #[test]
    fn an_address_is_taken_apart() {
        let whole = parse_url("http://localhost:8080/api/v1/").unwrap();
        assert_eq!(whole, ("http://localhost:8080".to_owned(), "/api/v1".to_owned()));
        assert_eq!(parse_url("http://[::1]").unwrap(), ("http://[::1]".to_owned(), String::new()));
    }

    #[test]
    fn an_address_that_cannot_be_used_is_refused_with_the_reason() {
        assert!(parse_url("https://example.com/api/v1").unwrap_err().contains("TLS"));
        assert!(parse_url("/api/v1").unwrap_err().contains("http://"));
        assert!(parse_url("http://localhost/api/v1?x=1").unwrap_err().contains("query"));
        assert!(parse_url("not an address").is_err());
    }
}
