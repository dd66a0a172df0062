//! Sending all entries, many at a time, and counting what became of them.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use http::StatusCode;
use tokio::task::JoinSet;

use crate::{
    client::{Client, GaveUp},
    entry::Entry,
    progress::Progress,
};

/// What became of the entries so far.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) created: AtomicUsize,
    /// Created by an earlier request with the same id.
    pub(crate) replayed: AtomicUsize,
    /// There already, with the same content, when no record of the request was.
    pub(crate) already_there: AtomicUsize,
    pub(crate) failed: AtomicUsize,
    failures: Mutex<Vec<String>>,
    /// Whether the service stopped answering, so that nothing more was sent.
    gave_up: AtomicBool,
}

/// How many failures are told one by one.
const TOLD: usize = 20;

impl Tally {
    /// The first failures, in words.
    pub(crate) fn failures(&self) -> Vec<String> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn has_given_up(&self) -> bool {
        self.gave_up.load(Ordering::Relaxed)
    }

    pub(crate) fn done(&self) -> usize {
        let counts = [&self.created, &self.replayed, &self.already_there, &self.failed];
        counts.iter().map(|count| count.load(Ordering::Relaxed)).sum()
    }

    fn add(&self, outcome: Outcome) {
        let count = match outcome {
            Outcome::Created => &self.created,
            Outcome::Replayed => &self.replayed,
            Outcome::AlreadyThere => &self.already_there,
            Outcome::Failed(text) => {
                let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
                if failures.len() < TOLD {
                    failures.push(text);
                }
                &self.failed
            }
        };
        count.fetch_add(1, Ordering::Relaxed);
    }
}

/// What became of one entry.
enum Outcome {
    Created,
    Replayed,
    AlreadyThere,
    Failed(String),
}

/// Sends `entries` with up to `concurrency` requests in flight; returns when each has its answer, or when the service has
/// not answered for too long.
pub(crate) async fn import(
    client: &Client,
    entries: Vec<Entry>,
    concurrency: usize,
    tally: &Arc<Tally>,
    progress: &Arc<Progress>,
) {
    let entries = Arc::new(entries);
    let next = Arc::new(AtomicUsize::new(0));
    let mut workers = JoinSet::new();
    for _ in 0..concurrency.min(entries.len()) {
        let (client, entries, next) = (client.clone(), entries.clone(), next.clone());
        let (tally, progress) = (tally.clone(), progress.clone());
        workers.spawn(async move {
            while let Some(entry) = entries.get(next.fetch_add(1, Ordering::Relaxed)) {
                if tally.has_given_up() {
                    return;
                }
                match create(&client, entry).await {
                    Ok(outcome) => tally.add(outcome),
                    Err(GaveUp { reason }) => {
                        tally.gave_up.store(true, Ordering::Relaxed);
                        tally.add(Outcome::Failed(format!("{}: {reason}", entry.location)));
                        return;
                    }
                }
                progress.advance();
            }
        });
    }
    workers.join_all().await;
}

async fn create(client: &Client, entry: &Entry) -> Result<Outcome, GaveUp> {
    let answer = client.post(&entry.collection, &entry.body, &entry.request_id).await?;
    Ok(match (answer.status, answer.reason()) {
        (StatusCode::CREATED, _) if answer.is_replayed => Outcome::Replayed,
        (StatusCode::CREATED, _) => Outcome::Created,
        // The record of a request id is kept for a day; what an earlier run created is there for longer.
        (StatusCode::CONFLICT, "AlreadyExists") => compare(client, entry, &answer.description()).await?,
        _ => Outcome::Failed(format!("{}: {}", entry.location, answer.description())),
    })
}

/// Whether what is there is what the entry would have created.
async fn compare(client: &Client, entry: &Entry, refusal: &str) -> Result<Outcome, GaveUp> {
    let there = client.get(&entry.location).await?;
    if there.status != StatusCode::OK {
        // Another resource has its serial number.
        return Ok(Outcome::Failed(format!("{}: {refusal}", entry.location)));
    }
    Ok(match entry.difference(&there.body["data"]["values"]) {
        None => Outcome::AlreadyThere,
        Some(difference) => {
            Outcome::Failed(format!("{}: is there with other content: {difference}", entry.location))
        }
    })
}
