//! A client: it asks one replica after the other, and sends a request again until its answer is definite.

use std::{
    collections::HashMap,
    io::{Error, ErrorKind},
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::Value as Json;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
    time::{sleep, timeout},
};

use super::{
    fleet::{Fleet, Replica},
    program::Release,
};

/// How long one answer may take.
const ANSWER_TIME: Duration = Duration::from_secs(5);
/// For how long a request is sent again.
const PATIENCE: Duration = Duration::from_secs(10);

/// What clients met that was no definite answer, and what they should not have met.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Refusals and lost connections of replicas that were about to end.
    pub(super) ends: AtomicUsize,
    /// Answers that are those of an earlier request with the same id.
    pub(super) replays: AtomicUsize,
    unexpected: Mutex<Vec<String>>,
}

impl Seen {
    pub(super) fn add(&self, unexpected: String) {
        self.unexpected.lock().unwrap_or_else(PoisonError::into_inner).push(unexpected);
    }

    #[track_caller]
    pub(super) fn assert_nothing_unexpected(&self) {
        let unexpected = self.unexpected.lock().unwrap_or_else(PoisonError::into_inner);
        let first: Vec<_> = unexpected.iter().take(20).collect();
        assert!(unexpected.is_empty(), "{} answers are not as they should be: {first:#?}", unexpected.len());
    }
}

/// Who is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Among {
    All,
    Only(Release),
}

impl Among {
    fn has(self, replica: &Replica) -> bool {
        self == Self::All || self == Self::Only(replica.release)
    }
}

/// What is sent.
#[derive(Clone, Debug)]
pub(super) struct Request {
    method: &'static str,
    path: String,
    body: String,
    headers: String,
}

impl Request {
    pub(super) fn get(path: &str) -> Self {
        Self { method: "GET", path: path.to_owned(), body: String::new(), headers: String::new() }
    }

    /// A write under a request id.
    pub(super) fn write(method: &'static str, path: &str, id: &str, body: &Json) -> Self {
        let headers = format!("Content-Type: application/json\r\nRequest-ID: {id}\r\n");
        Self { method, path: path.to_owned(), body: body.to_string(), headers }
    }

    pub(super) fn delete(path: &str) -> Self {
        Self { method: "DELETE", ..Self::get(path) }
    }

    pub(super) fn if_match(mut self, etag: &str) -> Self {
        self.headers.push_str(&format!("If-Match: {etag}\r\n"));
        self
    }
}

/// A definite answer.
#[derive(Clone, Debug, Default)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) etag: String,
    pub(super) is_replayed: bool,
    pub(super) body: Json,
}

impl Answer {
    pub(super) fn values(&self) -> &Json {
        &self.body["data"]["values"]
    }

    /// Whether nothing was done since others write, too.
    pub(super) fn lost_a_race(&self) -> bool {
        let reason = &self.body["status"]["additionalInfo"]["reason"];
        self.status == 412 || (self.status == 409 && reason == "Aborted")
    }
}

type Connection = BufReader<TcpStream>;

/// A client of all replicas.
#[derive(Debug)]
pub(super) struct Client {
    fleet: Arc<Fleet>,
    seen: Arc<Seen>,
    connections: HashMap<SocketAddr, Connection>,
    at: usize,
}

impl Client {
    pub(super) fn new(fleet: Arc<Fleet>, seen: Arc<Seen>) -> Self {
        Self { fleet, seen, connections: HashMap::new(), at: 0 }
    }

    /// Notes what should not be.
    pub(super) fn fault(&self, unexpected: String) {
        self.seen.add(unexpected);
    }

    /// Sends a request until it has a definite answer, which must be of one of these kinds. None where nobody is left to ask.
    pub(super) async fn ask(
        &mut self,
        among: Among,
        request: &Request,
        is_expected: impl Fn(&Answer) -> bool,
    ) -> Option<Answer> {
        let end = Instant::now() + PATIENCE;
        let mut last = None;
        while Instant::now() < end {
            let replica = self.next(among)?;
            let outcome = timeout(ANSWER_TIME, self.send(replica.address, request)).await;
            match outcome.unwrap_or_else(|_| Err(ErrorKind::TimedOut.into())) {
                Ok(answer) if answer.status != 503 => {
                    self.seen.replays.fetch_add(usize::from(answer.is_replayed), Ordering::Relaxed);
                    if !is_expected(&answer) {
                        let Request { method, path, body, .. } = request;
                        let Answer { status, body: said, .. } = &answer;
                        self.seen.add(format!("{method} {path} {body} at {replica:?}: {status} {said}"));
                    }
                    return Some(answer);
                }
                other => {
                    let told = match other {
                        Ok(refused) => format!("503 {}", refused.body["status"]["description"]),
                        Err(failure) => failure.to_string(),
                    };
                    self.connections.remove(&replica.address);
                    let Request { method, path, .. } = request;
                    let told = format!("{method} {path} at {replica:?}, {told}");
                    if self.fleet.serves(replica.address) {
                        self.seen.add(told.clone());
                    } else {
                        self.seen.ends.fetch_add(1, Ordering::Relaxed);
                    }
                    last = Some(told);
                }
            }
            sleep(Duration::from_millis(2)).await;
        }
        self.seen.add(format!("no definite answer within {PATIENCE:?}, at last {last:?}"));
        None
    }

    fn next(&mut self, among: Among) -> Option<Replica> {
        let replicas: Vec<_> =
            self.fleet.replicas().into_iter().filter(|replica| among.has(replica)).collect();
        self.at += 1;
        (!replicas.is_empty()).then(|| replicas[self.at % replicas.len()])
    }

    async fn send(&mut self, address: SocketAddr, request: &Request) -> std::io::Result<Answer> {
        let connection = match self.connections.remove(&address) {
            Some(connection) => connection,
            None => {
                let stream = TcpStream::connect(address).await?;
                stream.set_nodelay(true)?;
                BufReader::new(stream)
            }
        };
        let (answer, connection) = exchange(connection, request).await?;
        // A connection that was given up in the middle is in no state to be used.
        self.connections.extend(connection.map(|connection| (address, connection)));
        Ok(answer)
    }
}

/// The answer, and the connection unless it is closed.
async fn exchange(
    mut connection: Connection,
    request: &Request,
) -> std::io::Result<(Answer, Option<Connection>)> {
    let Request { method, path, body, headers } = request;
    let length = body.len();
    let text = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    );
    connection.write_all(text.as_bytes()).await?;
    let mut answer = Answer { status: status(&line(&mut connection).await?)?, ..Answer::default() };
    let (mut length, mut is_kept) = (None, true);
    loop {
        let line = line(&mut connection).await?;
        let Some((name, value)) = line.split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().ok(),
            "connection" => is_kept = !value.eq_ignore_ascii_case("close"),
            "etag" => value.clone_into(&mut answer.etag),
            "idempotency-replayed" => answer.is_replayed = value == "true",
            _ => {}
        }
    }
    let mut body = vec![0; length.ok_or_else(|| Error::other("an answer without length"))?];
    connection.read_exact(&mut body).await?;
    answer.body = serde_json::from_slice(&body)?;
    Ok((answer, is_kept.then_some(connection)))
}

async fn line(connection: &mut Connection) -> std::io::Result<String> {
    let mut line = String::new();
    if connection.read_line(&mut line).await? == 0 {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    line.truncate(line.trim_end().len());
    Ok(line)
}

fn status(line: &str) -> std::io::Result<u16> {
    let status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
    status.ok_or_else(|| Error::other(format!("no HTTP: {line}")))
}
