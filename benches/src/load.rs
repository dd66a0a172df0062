//! A load generator that leaves the machine to the server: keep-alive connections with one request in flight each.
//!
//! It reads of an answer what it must, the status and `Content-Length`, and compares no bodies. Anything but a 2xx ends
//! the run with the answer's text: numbers about refused requests would only mislead.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::num::ParseIntError;
use std::pin::Pin;
use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead as _, ReadBuf};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::Failure;

/// A bound for a connection's requests in one cell, far above what a cell can reach.
const MAX_REQUESTS: u32 = 10_000_000;

const CONTENT_LENGTH: &[u8] = b"content-length:";

/// How long the last answers of a cell may take; a server that hangs must not hang the run.
const GRACE: Duration = Duration::from_secs(20);

/// Writes the bytes of one request into the emptied buffer.
pub(crate) type Requests = Arc<dyn Fn(&mut Vec<u8>) + Send + Sync>;

/// How hard and how long a server is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    /// Where the server listens.
    pub(crate) address: SocketAddr,
    /// How many connections ask at once.
    pub(crate) connections: usize,
    /// How long requests are sent before anything is counted.
    pub(crate) warm_up: Duration,
    /// How long is measured.
    pub(crate) duration: Duration,
}

/// What one cell measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measurement {
    /// Answers per second.
    pub(crate) rate: f64,
    /// The median latency.
    pub(crate) p50: Duration,
    /// The latency that one answer in a hundred exceeds.
    pub(crate) p99: Duration,
    /// The server's processor time for one answer.
    pub(crate) cpu: Duration,
}

/// Asks a server for the given time; `cpu_time` is the server's processor time so far.
pub(crate) async fn measure(
    load: Load,
    requests: Requests,
    cpu_time: impl Fn() -> Result<Duration, Failure>,
) -> Result<Measurement, Failure> {
    let begin = Instant::now() + load.warm_up;
    let end = begin + load.duration;
    let mut connections = JoinSet::new();
    for _ in 0..load.connections {
        connections.spawn(ask(load.address, Arc::clone(&requests), begin, end));
    }
    tokio::time::sleep_until(begin.into()).await;
    let cpu_before = cpu_time()?;
    tokio::time::sleep_until(end.into()).await;
    let cpu = cpu_time()?.saturating_sub(cpu_before);

    let mut latencies = Vec::new();
    tokio::time::timeout(GRACE, async {
        while let Some(asked) = connections.join_next().await {
            latencies.append(&mut asked??);
        }
        Ok::<(), Failure>(())
    })
    .await
    .map_err(|_| "a request was not answered in time")??;
    let count = u32::try_from(latencies.len())?;
    if count == 0 {
        return Err("no request was answered within the measured time".into());
    }
    Ok(Measurement {
        rate: f64::from(count) / load.duration.as_secs_f64(),
        p50: percentile(&mut latencies, 50),
        p99: percentile(&mut latencies, 99),
        cpu: cpu / count,
    })
}

/// One connection's requests; answers the latencies, in nanoseconds, of those answered between `begin` and `end`.
async fn ask(
    address: SocketAddr,
    requests: Requests,
    begin: Instant,
    end: Instant,
) -> Result<Vec<u32>, Failure> {
    let mut connection = Connection::open(address).await?;
    let mut request = Vec::new();
    let mut latencies = Vec::with_capacity(1 << 16);
    let mut sent = Instant::now();
    for _ in 0..MAX_REQUESTS {
        if sent >= end {
            break;
        }
        request.clear();
        requests(&mut request);
        connection.exchange(&request).await?;
        let answered = Instant::now();
        if answered >= begin && answered < end {
            latencies.push(u32::try_from((answered - sent).as_nanos()).unwrap_or(u32::MAX));
        }
        sent = answered;
    }
    Ok(latencies)
}

fn percentile(latencies: &mut [u32], percent: usize) -> Duration {
    let index = (latencies.len() * percent / 100).min(latencies.len() - 1);
    let (_, latency, _) = latencies.select_nth_unstable(index);
    Duration::from_nanos((*latency).into())
}

/// A keep-alive connection with a reused input buffer.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    input: Vec<u8>,
}

impl Connection {
    /// Connects.
    pub(crate) async fn open(address: SocketAddr) -> Result<Self, Failure> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, input: vec![0; 1 << 17] })
    }

    /// Sends one request and answers the body of its response.
    ///
    /// # Errors
    ///
    /// A status outside 2xx is an error with the request's first line and the body.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> Result<&[u8], Failure> {
        self.write(request).await?;
        let mut filled = 0;
        let head = loop {
            filled += self.read(filled).await?;
            if let Some(head) = Head::parse(&self.input[..filled])? {
                break head;
            }
        };
        if self.input.len() < head.end {
            self.input.resize(head.end, 0);
        }
        while filled < head.end {
            filled += self.read(filled).await?;
        }
        let body = &self.input[head.body..head.end];
        if head.status / 100 == 2 {
            return Ok(body);
        }
        let line = request.split(|&byte| byte == b'\r').next().unwrap_or_default();
        let (line, body) = (String::from_utf8_lossy(line), String::from_utf8_lossy(body));
        Err(format!("{} for {line}: {body}", head.status).into())
    }

    async fn write(&self, mut bytes: &[u8]) -> Result<(), Failure> {
        while !bytes.is_empty() {
            // The first try comes before waiting: a request nearly always fits the socket's buffer.
            match self.stream.try_write(bytes) {
                Ok(written) => bytes = &bytes[written..],
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                    self.stream.writable().await?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    async fn read(&mut self, filled: usize) -> Result<usize, Failure> {
        if filled == self.input.len() {
            return Err("an answer's head does not fit the buffer".into());
        }
        let mut rest = ReadBuf::new(&mut self.input[filled..]);
        // Not `try_read`: only this way tokio takes a short read as a sign that the socket is empty, which saves the
        // system call that would find it so.
        poll_fn(|cx| Pin::new(&mut self.stream).poll_read(cx, &mut rest)).await?;
        match rest.filled().len() {
            0 => Err("the server closed the connection".into()),
            read => Ok(read),
        }
    }
}

/// What matters of a response's head.
#[derive(Debug, PartialEq, Eq)]
struct Head {
    status: u16,
    /// Where the body begins.
    body: usize,
    /// Where the body ends.
    end: usize,
}

impl Head {
    /// Nothing while the blank line has not arrived.
    fn parse(input: &[u8]) -> Result<Option<Self>, Failure> {
        let mut length = None;
        let mut start = 0;
        while let Some(line) = input[start..].split_inclusive(|&byte| byte == b'\n').next() {
            if line.last() != Some(&b'\n') {
                break;
            }
            start += line.len();
            if line == b"\r\n" {
                let status = number(input.get(9..12).unwrap_or_default())?;
                let length: usize = number(length.ok_or("a response without Content-Length")?)?;
                return Ok(Some(Self { status, body: start, end: start + length }));
            }
            if let Some((name, value)) = line.split_at_checked(CONTENT_LENGTH.len())
                && name.eq_ignore_ascii_case(CONTENT_LENGTH)
            {
                length = Some(value);
            }
        }
        Ok(None)
    }
}

fn number<T: FromStr<Err = ParseIntError>>(digits: &[u8]) -> Result<T, Failure> {
    Ok(str::from_utf8(digits)?.trim().parse()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_says_where_the_body_begins_and_ends() {
        let input = b"HTTP/1.1 201 Created\r\nx: 1\r\nContent-Length: 2\r\n\r\n{}";
        assert_eq!(
            Head::parse(input).unwrap(),
            Some(Head { status: 201, body: input.len() - 2, end: input.len() })
        );
    }

    #[test]
    fn half_a_head_is_waited_for() {
        assert_eq!(Head::parse(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n").unwrap(), None);
    }

    #[test]
    fn percentiles_are_taken_by_rank() {
        let mut latencies: Vec<u32> = (1..=200).rev().collect();
        assert_eq!(percentile(&mut latencies, 50), Duration::from_nanos(101));
        assert_eq!(percentile(&mut latencies, 99), Duration::from_nanos(199));
    }
}
