//! Sending all entries, many at a time, and counting what became of them.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use http::StatusCode;
use tokio::task::JoinSet;

use crate::{
    client::{Answer, Client, GaveUp},
    entry::Entry,
    progress::Progress,
    request::{Mode, Parcel, parcels},
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

    fn add(&self, outcome: Outcome, entries: usize) {
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
        count.fetch_add(entries, Ordering::Relaxed);
    }
}

/// What became of one entry.
enum Outcome {
    Created,
    Replayed,
    AlreadyThere,
    Failed(String),
}

/// Sends `parcels` with up to `concurrency` requests in flight; returns when each has its answer, or when the service has
/// not answered for too long.
pub(crate) async fn import(
    client: &Client,
    parcels: Vec<Parcel>,
    concurrency: usize,
    tally: &Arc<Tally>,
    progress: &Arc<Progress>,
) {
    let parcels = Arc::new(parcels);
    let next = Arc::new(AtomicUsize::new(0));
    let mut workers = JoinSet::new();
    for _ in 0..concurrency.min(parcels.len()) {
        let (client, parcels, next) = (client.clone(), parcels.clone(), next.clone());
        let (tally, progress) = (tally.clone(), progress.clone());
        workers.spawn(async move {
            while let Some(parcel) = parcels.get(next.fetch_add(1, Ordering::Relaxed)) {
                if tally.has_given_up() {
                    return;
                }
                if let Err(GaveUp { reason }) = send(&client, parcel, &tally, &progress).await {
                    tally.gave_up.store(true, Ordering::Relaxed);
                    tally.add(Outcome::Failed(format!("{}: {reason}", parcel.path)), 1);
                    return;
                }
            }
        });
    }
    workers.join_all().await;
}

/// Sends several entries at once; where they are refused, each alone, so that only the bad ones fail.
async fn send(client: &Client, parcel: &Parcel, tally: &Tally, progress: &Progress) -> Result<(), GaveUp> {
    if let [entry] = &parcel.entries[..] {
        let answer = client.post(parcel).await?;
        tally.add(judge(client, entry, &answer).await?, 1);
        progress.advance(1);
        return Ok(());
    }
    let answer = client.post(parcel).await?;
    if answer.status == StatusCode::OK {
        let outcome = if answer.is_replayed { Outcome::Replayed } else { Outcome::Created };
        tally.add(outcome, parcel.entries.len());
        progress.advance(parcel.entries.len());
        return Ok(());
    }
    for alone in parcels(Mode::Single, parcel.entries.clone()) {
        let answer = client.post(&alone).await?;
        tally.add(judge(client, &alone.entries[0], &answer).await?, 1);
        progress.advance(1);
    }
    Ok(())
}

async fn judge(client: &Client, entry: &Entry, answer: &Answer) -> Result<Outcome, GaveUp> {
    Ok(match (answer.status, answer.reason()) {
        (StatusCode::CREATED | StatusCode::OK, _) if answer.is_replayed => Outcome::Replayed,
        (StatusCode::CREATED | StatusCode::OK, _) => Outcome::Created,
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
