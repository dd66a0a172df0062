//! What clients do while replicas come and go, and what they were told.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::{Value as Json, json};
use tokio::{task::JoinHandle, time::sleep};

use super::{
    LAMPS,
    client::{Among, Answer, Client, Request, Seen},
    fleet::Fleet,
    program::Release,
};

/// How long a client waits between two requests.
const BREATH: Duration = Duration::from_millis(3);
/// How long as many steps as a test waits for may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// One confirmed create in so many is sent once more.
const REPEAT: usize = 4;
/// How many lamps count what clients do, and how many have what only the release after knows.
const COUNTERS: usize = 2;
const DRESSED: usize = 2;

/// What a client does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// It makes lamps, under a request id each.
    Create,
    /// It adds 1 to what it read, unless somebody else was faster.
    Count,
    /// It writes as a program of the release before does: PUT at replicas of it, conditional PATCH at any.
    Rename,
    /// It writes what only the release after knows, and finds it as it was written.
    Dress,
}

const WORKERS: [Kind; 6] = [Kind::Create, Kind::Create, Kind::Count, Kind::Count, Kind::Rename, Kind::Dress];

/// What was confirmed.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    /// The ids of the lamps that were made.
    pub(super) made: Vec<String>,
    /// For each counter the ids of the requests that added 1.
    pub(super) counted: [Vec<String>; COUNTERS],
    /// What the dressed lamps have.
    pub(super) dressed: Vec<Dress>,
}

/// What only the release after knows of a lamp.
#[derive(Clone, Debug)]
pub(super) struct Dress {
    pub(super) confirmed: Json,
    /// What was sent and not answered, because no replica of the release after was left.
    undecided: Option<Json>,
}

impl Dress {
    fn none() -> Self {
        Self { confirmed: json!({"note": null, "color": "white", "tags": []}), undecided: None }
    }

    /// Whether a lamp has it; what it has is then known.
    pub(super) fn is_on(&mut self, values: &Json) -> bool {
        let has =
            |dress: &Json| ["note", "color", "tags"].into_iter().all(|name| dress[name] == values[name]);
        let undecided = self.undecided.take();
        if let Some(undecided) = undecided.filter(has) {
            self.confirmed = undecided;
        }
        has(&self.confirmed)
    }
}

pub(super) fn made(worker: usize, at: usize) -> String {
    format!("made-{worker}-{at}")
}

pub(super) fn counter(at: usize) -> String {
    format!("{LAMPS}/counter-{at}")
}

pub(super) fn dressed(at: usize) -> String {
    format!("{LAMPS}/dressed-{at}")
}

/// Clients at work.
#[derive(Debug)]
pub(super) struct Load {
    pub(super) fleet: Arc<Fleet>,
    pub(super) seen: Arc<Seen>,
    is_over: Arc<AtomicBool>,
    workers: Vec<(Kind, Arc<AtomicUsize>, JoinHandle<Ledger>)>,
}

impl Load {
    /// Makes the lamps that clients share, and begins.
    pub(super) async fn start(fleet: Fleet) -> Self {
        let fleet = Arc::new(fleet);
        let mut load = Self { fleet, seen: Arc::default(), is_over: Arc::default(), workers: Vec::new() };
        let mut client = load.client();
        let shared = (0..COUNTERS).map(counter).chain((0..DRESSED).map(dressed));
        for (at, path) in shared.enumerate() {
            let request = Request::write("PUT", &path, &format!("shared-{at}"), &json!({"name": "Shared"}));
            client.ask(Among::All, &request, |answer| answer.status == 201).await;
        }
        for (number, kind) in WORKERS.into_iter().enumerate() {
            let steps = Arc::new(AtomicUsize::new(0));
            let worker = Worker {
                client: load.client(),
                number,
                at: 0,
                ledger: Ledger { dressed: vec![Dress::none(); DRESSED], ..Ledger::default() },
            };
            let work = tokio::spawn(worker.work(kind, load.is_over.clone(), steps.clone()));
            load.workers.push((kind, steps, work));
        }
        load
    }

    pub(super) fn client(&self) -> Client {
        Client::new(self.fleet.clone(), self.seen.clone())
    }

    /// Waits until each client has done so many steps more that can do any.
    pub(super) async fn proceed(&self, steps: usize) {
        let has = |release| self.fleet.replicas().iter().any(|replica| replica.release == release);
        let end = Instant::now() + PATIENCE;
        for (kind, done, _) in &self.workers {
            if *kind == Kind::Dress && !has(Release::After) {
                continue;
            }
            let goal = done.load(Ordering::Relaxed) + steps;
            while done.load(Ordering::Relaxed) < goal {
                if Instant::now() > end {
                    self.seen.assert_nothing_unexpected();
                    panic!("{kind:?} has not done {steps} steps within {PATIENCE:?}");
                }
                sleep(BREATH).await;
            }
        }
    }

    /// Ends the work: what was confirmed, of all clients.
    pub(super) async fn end(&mut self) -> Ledger {
        self.is_over.store(true, Ordering::Relaxed);
        let mut all = Ledger::default();
        for (kind, _, worker) in self.workers.drain(..) {
            let ledger = worker.await.unwrap_or_else(|failure| panic!("{kind:?} failed: {failure}"));
            all.made.extend(ledger.made);
            for (all, more) in all.counted.iter_mut().zip(ledger.counted) {
                all.extend(more);
            }
            if kind == Kind::Dress {
                all.dressed = ledger.dressed;
            }
        }
        self.seen.assert_nothing_unexpected();
        all
    }
}

struct Worker {
    client: Client,
    number: usize,
    /// How many steps it has done or tried.
    at: usize,
    ledger: Ledger,
}

impl Worker {
    async fn work(mut self, kind: Kind, is_over: Arc<AtomicBool>, steps: Arc<AtomicUsize>) -> Ledger {
        while !is_over.load(Ordering::Relaxed) {
            self.at += 1;
            let step = match kind {
                Kind::Create => self.create().await,
                Kind::Count => self.count().await,
                Kind::Rename => self.rename().await,
                Kind::Dress => self.dress().await,
            };
            steps.fetch_add(usize::from(step.is_some()), Ordering::Relaxed);
            sleep(BREATH).await;
        }
        self.ledger
    }

    /// The id of the request of this step.
    fn request_id(&self) -> String {
        format!("request-{}-{}", self.number, self.at)
    }

    async fn create(&mut self) -> Option<()> {
        let id = made(self.number, self.at);
        let request = Request::write("POST", LAMPS, &id, &json!({"id": id, "name": format!("Lamp {id}")}));
        let first = self.client.ask(Among::All, &request, |answer| answer.status == 201).await?;
        if self.at.is_multiple_of(REPEAT) {
            // Whoever answers, of whichever release, says what was said.
            let is_same = |again: &Answer| {
                again.status == 201 && again.is_replayed && again.body["data"] == first.body["data"]
            };
            self.client.ask(Among::All, &request, is_same).await?;
        }
        self.ledger.made.push(id);
        Some(())
    }

    async fn count(&mut self) -> Option<()> {
        let at = self.at % COUNTERS;
        let path = counter(at);
        let read = self.read(Among::All, &path).await?;
        let turns = read.values()["turns"].as_i64().expect("a counter has turns") + 1;
        let id = self.request_id();
        let request = Request::write("PATCH", &path, &id, &json!({"turns": turns})).if_match(&read.etag);
        let is_right = |answer: &Answer| {
            answer.lost_a_race() || (answer.status == 200 && answer.values()["turns"] == turns)
        };
        if self.client.ask(Among::All, &request, is_right).await?.status == 200 {
            self.ledger.counted[at].push(id);
        }
        Some(())
    }

    async fn rename(&mut self) -> Option<()> {
        let path = dressed(self.at % DRESSED);
        let (id, name) = (self.request_id(), format!("Name {}", self.at));
        let mode = if self.at.is_multiple_of(3) { "On" } else { "Off" };
        let put = Request::write("PUT", &path, &id, &json!({"name": name, "mode": mode}));
        // At the release after a PUT would be one of all that it knows.
        let put = self.client.ask(Among::Only(Release::Before), &put, |answer| answer.status == 200).await;
        if put.is_some_and(|answer| answer.values()["name"] != *name) {
            self.client.fault(format!("the PUT {id} of {path} was answered with another name"));
        }
        let read = self.read(Among::All, &path).await?;
        let patch =
            Request::write("PATCH", &path, &format!("{id}-patch"), &json!({"name": format!("{name}!")}));
        let is_right = |answer: &Answer| answer.lost_a_race() || answer.status == 200;
        self.client.ask(Among::All, &patch.if_match(&read.etag), is_right).await?;
        Some(())
    }

    async fn dress(&mut self) -> Option<()> {
        let at = self.at % DRESSED;
        let path = dressed(at);
        let among = Among::Only(Release::After);
        let read = self.read(among, &path).await?;
        let dress = &mut self.ledger.dressed[at];
        if !dress.is_on(read.values()) {
            self.client.fault(format!("{path} should have {dress:?}, and has {}", read.values()));
        }
        let color = if self.at.is_multiple_of(3) { "red" } else { "green" };
        let next =
            json!({"note": format!("note {}", self.at), "color": color, "tags": [color, "old wiring"]});
        let request = Request::write("PATCH", &path, &self.request_id(), &next);
        let is_right = |answer: &Answer| answer.lost_a_race() || answer.status == 200;
        let answer = self.client.ask(among, &request, is_right).await;
        let dress = &mut self.ledger.dressed[at];
        match answer {
            None => dress.undecided = Some(next),
            Some(answer) if answer.status == 200 => dress.confirmed = next,
            Some(_) => {}
        }
        Some(())
    }

    async fn read(&mut self, among: Among, path: &str) -> Option<Answer> {
        self.client.ask(among, &Request::get(path), |answer| answer.status == 200).await
    }
}
