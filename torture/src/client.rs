//! One client: a connection to one of the replicas, and requests that are sent again until their answer is definite.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::header;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use serde_json::Value as Json;
use tokio::{
    net::TcpStream,
    time::{sleep, timeout},
};

/// How long one answer may take; a service gives up after 30 s, and a paused one is given up sooner.
const ANSWER_TIME: Duration = Duration::from_secs(5);
/// For how long a request is sent again.
const PATIENCE: Duration = Duration::from_secs(120);
/// One answer in so many is cut, and one confirmed write in so many is sent once more.
const CUT: u32 = 50;
const REPEAT: u32 = 20;

/// What happened to requests, of all clients.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) sent: AtomicU64,
    pub(crate) cut: AtomicU64,
    pub(crate) again: AtomicU64,
    pub(crate) replayed: AtomicU64,
}

/// What is sent.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) body: Option<Json>,
    pub(crate) if_match: Option<String>,
    pub(crate) id: String,
}

/// A definite answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) etag: Option<String>,
    pub(crate) body: Json,
}

impl Answer {
    pub(crate) fn data(&self) -> &Json {
        &self.body["data"]
    }

    /// What it says, cut where it is long.
    pub(crate) fn shown(&self) -> String {
        self.body.to_string().chars().take(300).collect()
    }

    fn is_definite(&self) -> bool {
        let may_retry = &self.body["status"]["additionalInfo"]["retry"];
        !may_retry.as_bool().unwrap_or(self.status >= 500)
    }
}

/// A client of several replicas.
pub(crate) struct Client {
    ports: Arc<[u16]>,
    at: usize,
    connection: Option<SendRequest<Full<Bytes>>>,
    pub(crate) random: fastrand::Rng,
    tally: Arc<Tally>,
    /// Whether answers are cut.
    is_careless: bool,
}

impl Client {
    pub(crate) fn new(ports: Arc<[u16]>, seed: u64, tally: Arc<Tally>) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        Self { at: random.usize(..ports.len()), ports, connection: None, random, tally, is_careless: true }
    }

    /// The same for the look at what is left, of which nothing is cut.
    pub(crate) fn careful(ports: Arc<[u16]>, tally: Arc<Tally>) -> Self {
        Self { is_careless: false, ..Self::new(ports, 0, tally) }
    }

    /// A read.
    pub(crate) async fn get(&mut self, path: String) -> Result<Answer, String> {
        let id = uuid::Uuid::new_v4().to_string();
        self.ask(&Request { method: "GET", path, body: None, if_match: None, id }).await
    }

    /// A write; now and then it is sent once more, and must then be answered alike.
    pub(crate) async fn write(&mut self, request: &Request) -> Result<Answer, String> {
        let answer = self.ask(request).await?;
        if answer.status < 300 && self.is_careless && self.random.u32(..REPEAT) == 0 {
            let again = self.ask(request).await?;
            if (again.status, again.data(), &again.etag) != (answer.status, answer.data(), &answer.etag) {
                return Err(format!(
                    "replay: {} {} was answered {} {}, and then {} {}",
                    request.method,
                    request.path,
                    answer.status,
                    answer.data(),
                    again.status,
                    again.body
                ));
            }
        }
        Ok(answer)
    }

    /// Sends a request until it has a definite answer.
    async fn ask(&mut self, request: &Request) -> Result<Answer, String> {
        let end = Instant::now() + PATIENCE;
        let mut pause = Duration::from_millis(2);
        let mut last = String::new();
        while Instant::now() < end {
            self.tally.sent.fetch_add(1, Ordering::Relaxed);
            match self.send(request).await {
                Ok(answer) if answer.is_definite() => return Ok(answer),
                Ok(answer) => last = format!("{} {}", answer.status, answer.body["status"]["description"]),
                Err(reason) => {
                    last = reason;
                    self.connection = None;
                    self.at = (self.at + 1) % self.ports.len();
                }
            }
            self.tally.again.fetch_add(1, Ordering::Relaxed);
            sleep(pause).await;
            pause = (pause * 2).min(Duration::from_millis(500));
        }
        Err(format!("answer: {} {} had none within {PATIENCE:?}: {last}", request.method, request.path))
    }

    async fn send(&mut self, request: &Request) -> Result<Answer, String> {
        let cut = (self.is_careless && self.random.u32(..CUT) == 0)
            .then(|| Duration::from_micros(self.random.u64(..4_000)));
        let text = |error: &dyn std::fmt::Display| error.to_string();
        let exchange = async {
            let connection = match &mut self.connection {
                Some(connection) => connection,
                empty => empty.insert(connect(self.ports[self.at]).await?),
            };
            connection.ready().await.map_err(|error| text(&error))?;
            let mut built = http::Request::builder()
                .method(request.method)
                .uri(&request.path)
                .header(header::HOST, format!("127.0.0.1:{}", self.ports[self.at]))
                .header("request-id", &request.id);
            if let Some(etag) = &request.if_match {
                built = built.header(header::IF_MATCH, etag);
            }
            let body = match &request.body {
                Some(body) => {
                    built = built.header(header::CONTENT_TYPE, "application/json");
                    Bytes::from(body.to_string())
                }
                None => Bytes::new(),
            };
            let sent = built.body(Full::from(body)).map_err(|error| text(&error))?;
            let response = connection.send_request(sent).await.map_err(|error| text(&error))?;
            let (parts, body) = response.into_parts();
            let bytes = body.collect().await.map_err(|error| text(&error))?.to_bytes();
            let has = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
            if has("idempotency-replayed") == Some("true") {
                self.tally.replayed.fetch_add(1, Ordering::Relaxed);
            }
            Ok(Answer {
                status: parts.status.as_u16(),
                etag: has("etag").map(str::to_owned),
                body: serde_json::from_slice(&bytes).unwrap_or(Json::Null),
            })
        };
        match timeout(cut.unwrap_or(ANSWER_TIME), exchange).await {
            Ok(result) => result,
            Err(_) => {
                self.tally.cut.fetch_add(u64::from(cut.is_some()), Ordering::Relaxed);
                Err("no answer in time".to_owned())
            }
        }
    }
}

async fn connect(port: u16) -> Result<SendRequest<Full<Bytes>>, String> {
    let stream = TcpStream::connect(("127.0.0.1", port)).await.map_err(|error| error.to_string())?;
    stream.set_nodelay(true).map_err(|error| error.to_string())?;
    let (sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
    // It ends with the sender, or when the other side ends it; whoever asks sees that.
    tokio::spawn(async move { drop(connection.await) });
    Ok(sender)
}
