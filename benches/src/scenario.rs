//! What is asked of each server, and how much faster than the peer the framework means to be at it.

use std::fmt::Display;
use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use clap::ValueEnum;

use crate::Failure;
use crate::load::{Connection, Requests};

/// Where the items are.
const ITEMS: &str = "/api/v1/items";

/// The page that `DeepPage` asks for, and the number of elements of each page.
const DEEP_PAGE: u64 = 2_000;
const PAGE: u64 = 50;

/// The rows that a database needs: page 2,000 must exist and not be the last, whose answer lacks a next link.
pub(crate) const ROWS: u64 = (DEEP_PAGE + 2) * PAGE;

/// Visits all ids in a scattered order: a prime above the usual factors of a row count.
pub(crate) const STRIDE: u64 = 48_271;

/// One kind of request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Scenario {
    /// Reads one of all items: R118 asks for 12,500 a second.
    PointRead,
    /// Lists the first 50 items with their count.
    ListCounted,
    /// Lists the first 50 items without their count.
    ListUncounted,
    /// Lists page 2,000 by its cursor, without the count.
    DeepPage,
    /// Creates an item.
    Create,
    /// Changes one field of one of all items.
    Patch,
}

/// What the framework means to reach against the peer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Target {
    /// The least ratio of requests per second.
    pub(crate) ratio: f64,
    /// Whether the p99 latency must be at most half of the peer's.
    pub(crate) halves_p99: bool,
}

impl Scenario {
    /// The scenario as the table calls it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::PointRead => "point read",
            Self::ListCounted => "list of 50, counted",
            Self::ListUncounted => "list of 50, uncounted",
            Self::DeepPage => "page 2,000 by cursor",
            Self::Create => "create",
            Self::Patch => "patch",
        }
    }

    /// The target; one writer alone has nothing to share a transaction with, so a lone connection only must not lose.
    pub(crate) fn target(self, connections: usize, is_postgres: bool) -> Target {
        if is_postgres {
            // Both sides wait for the same server; what is sent to it together is what can be won.
            let ratio = if self == Self::Create && connections > 1 { 1.2 } else { 1.0 };
            return Target { ratio, halves_p99: false };
        }
        let (ratio, halves_p99) = match self {
            Self::PointRead => (1.5, false),
            Self::ListCounted => (2.5, false),
            Self::ListUncounted | Self::DeepPage => (1.1, false),
            Self::Create | Self::Patch if connections > 1 => (1.6, true),
            Self::Create | Self::Patch => (1.0, false),
        };
        Target { ratio, halves_p99 }
    }
}

/// What requests need to know of a server; `sequence` goes on from round to round.
#[derive(Debug)]
pub(crate) struct Subject {
    host: String,
    ids: Vec<String>,
    deep_page: String,
    sequence: AtomicU64,
}

impl Subject {
    /// Learns the ids and the address of page 2,000 by following the list from its first page.
    pub(crate) async fn explore(address: SocketAddr) -> Result<Arc<Self>, Failure> {
        let host = address.to_string();
        let mut connection = Connection::open(address).await?;
        let mut ids = Vec::new();
        let mut page = format!("{ITEMS}?$limit={PAGE}&$count=false");
        for _ in 1..DEEP_PAGE {
            let mut request = Vec::new();
            write_get(&mut request, &page, &host);
            let answer: serde_json::Value = serde_json::from_slice(connection.exchange(&request).await?)?;
            let elements = answer["data"]["values"].as_array().ok_or("a list without values")?;
            ids.extend(elements.iter().filter_map(|item| item["id"].as_str().map(str::to_owned)));
            let next =
                answer["data"]["meta"]["cursorNextLink"].as_str().ok_or("too few items for page 2,000")?;
            page = next.split_once(&host).ok_or("a next link to another host")?.1.to_owned();
        }
        Ok(Arc::new(Self { host, ids, deep_page: page, sequence: AtomicU64::new(0) }))
    }

    /// A server that looks at nothing needs only requests of the usual length.
    pub(crate) fn made_up(address: SocketAddr) -> Arc<Self> {
        let ids = (0..1_000_u128).map(|id| uuid::Uuid::from_u128(id).to_string()).collect();
        let deep_page = format!("{ITEMS}?$limit={PAGE}&$count=false&$cursor={}", "x".repeat(64));
        Arc::new(Self { host: address.to_string(), ids, deep_page, sequence: AtomicU64::new(0) })
    }

    /// Makes the requests of a scenario.
    pub(crate) fn requests(self: &Arc<Self>, scenario: Scenario) -> Requests {
        let subject = Arc::clone(self);
        match scenario {
            Scenario::PointRead => Arc::new(move |out| {
                let (_, id) = subject.next();
                write_get(out, format_args!("{ITEMS}/{id}"), &subject.host);
            }),
            Scenario::ListCounted => Arc::new(move |out| write_get(out, ITEMS, &subject.host)),
            Scenario::ListUncounted => {
                let path = format!("{ITEMS}?$count=false");
                Arc::new(move |out| write_get(out, &path, &subject.host))
            }
            Scenario::DeepPage => Arc::new(move |out| write_get(out, &subject.deep_page, &subject.host)),
            Scenario::Create => Arc::new(move |out| subject.write_create(out)),
            Scenario::Patch => Arc::new(move |out| subject.write_patch(out)),
        }
    }

    /// The next number of the sequence, and the id that it visits.
    fn next(&self) -> (u64, &str) {
        let number = self.sequence.fetch_add(1, Ordering::Relaxed);
        let index = number.wrapping_mul(STRIDE) % self.ids.len() as u64;
        (number, &self.ids[usize::try_from(index).expect("an index into a Vec")])
    }

    fn write_create(&self, out: &mut Vec<u8>) {
        let (number, _) = self.next();
        write_create(out, &self.host, number);
    }

    /// Each pass over all ids sets a volume that differs from the pass before and, at first, from the loaded 5: an
    /// update that changes nothing would cost next to nothing.
    fn write_patch(&self, out: &mut Vec<u8>) {
        let (number, id) = self.next();
        let pass = number / self.ids.len() as u64;
        let body = format!(r#"{{"volume":{}}}"#, (pass + 6) % 11);
        let line = format_args!("PATCH {ITEMS}/{id}");
        write_body(out, line, &self.host, "application/merge-patch+json", number, &body);
    }
}

/// The create of an item.
pub(crate) fn write_create(out: &mut Vec<u8>, host: &str, number: u64) {
    let body = format!(
        r#"{{"displayName":"Item {number}","enabled":true,"owner":"owner-{}","serialNumber":"SN-{number:010}","volume":5,"weight":{}}}"#,
        number % 97,
        number % 1_000
    );
    write_body(out, format_args!("POST {ITEMS}"), host, "application/json", number, &body);
}

pub(crate) fn write_get(out: &mut Vec<u8>, path: impl Display, host: &str) {
    write!(out, "GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: application/json\r\n\r\n")
        .expect("a Vec takes all bytes");
}

pub(crate) fn write_body(
    out: &mut Vec<u8>,
    line: impl Display,
    host: &str,
    media_type: &str,
    number: u64,
    body: &str,
) {
    let (request_id, length) = (scrambled(number), body.len());
    write!(
        out,
        "{line} HTTP/1.1\r\nHost: {host}\r\nAccept: application/json\r\nRequest-ID: {request_id:032x}\r\n\
         Content-Type: {media_type}\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .expect("a Vec takes all bytes");
}

/// A request id for each number, in no order, because clients send random ones: SplitMix64's steps, which are
/// invertible, so no two numbers share an id.
fn scrambled(number: u64) -> u128 {
    let mut bits = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^= bits >> 31;
    (u128::from(bits) << 64) | u128::from(bits.rotate_left(32))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn subject(ids: usize) -> Arc<Subject> {
        Arc::new(Subject {
            host: "127.0.0.1:1".to_owned(),
            ids: (0..ids).map(|id| id.to_string()).collect(),
            deep_page: String::new(),
            sequence: AtomicU64::new(0),
        })
    }

    #[test]
    fn a_pass_visits_each_id_once() {
        let subject = subject(99_950);
        let visited: HashSet<String> = (0..99_950).map(|_| subject.next().1.to_owned()).collect();
        assert_eq!(visited.len(), 99_950);
    }

    #[test]
    fn no_pass_repeats_the_volume_of_the_one_before() {
        let subject = subject(1);
        let mut before = r#"{"volume":5}"#.to_owned();
        for _ in 0..30 {
            let mut request = Vec::new();
            subject.write_patch(&mut request);
            let body = String::from_utf8(request).unwrap().split("\r\n\r\n").nth(1).unwrap().to_owned();
            assert_ne!(body, before);
            before = body;
        }
    }

    #[test]
    fn request_ids_do_not_repeat() {
        let ids: HashSet<u128> = (0..100_000).map(scrambled).collect();
        assert_eq!(ids.len(), 100_000);
    }
}
