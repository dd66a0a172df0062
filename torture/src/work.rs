//! What clients do: transfers, counts, entries that come and go, and looks at all of it.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use serde_json::{Value as Json, json};

use crate::{
    bank::{ACCOUNTS, COUNTERS, account, counter},
    client::{Answer, Client, Request},
    history::{Clock, Event, What},
};

/// What all addresses begin with.
pub(crate) const API: &str = "/api/v1";
/// How many entries a client leaves before it deletes the oldest.
const KEPT: usize = 60;
/// How long a client waits between two requests, at most.
const BREATH: Duration = Duration::from_millis(8);

/// What clients share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) clock: Clock,
    pub(crate) is_over: AtomicBool,
    tokens: AtomicU64,
}

impl Shared {
    pub(crate) fn new() -> Self {
        Self { clock: Clock::start(), is_over: AtomicBool::new(false), tokens: AtomicU64::new(1) }
    }
}

/// The token as it stands in an entry.
fn token_text(token: u64) -> String {
    format!("token-{token}")
}

/// The token that stands in an entry.
pub(crate) fn token_of(entry: &Json) -> Option<u64> {
    entry["token"].as_str()?.strip_prefix("token-")?.parse().ok()
}

/// The items of a page.
pub(crate) fn items(answer: &Answer) -> &[Json] {
    answer.data()["values"].as_array().map_or(&[], Vec::as_slice)
}

struct Worker {
    client: Client,
    shared: Arc<Shared>,
    events: Vec<Event>,
    /// Addresses and tokens of the entries that this client made.
    kept: Vec<(String, u64)>,
}

/// Works until the run is over; gives what was seen.
pub(crate) async fn work(client: Client, shared: Arc<Shared>) -> Vec<Event> {
    let mut worker = Worker { client, shared, events: Vec::new(), kept: Vec::new() };
    while !worker.shared.is_over.load(Ordering::Relaxed) {
        let outcome = match worker.client.random.u32(..100) {
            0..25 => worker.transfer().await,
            25..45 => worker.count().await,
            45..65 => worker.create().await,
            65..68 => worker.create_several().await,
            68..76 => worker.see().await,
            76..84 => worker.sum().await,
            _ => worker.walk().await,
        };
        if let Err(text) = outcome {
            worker.tell(worker.shared.clock.now(), What::Wrong(text));
        }
        while worker.kept.len() > KEPT {
            if let Err(text) = worker.delete().await {
                worker.tell(worker.shared.clock.now(), What::Wrong(text));
            }
        }
        let breath = BREATH.mul_f64(worker.client.random.f64());
        tokio::time::sleep(breath).await;
    }
    worker.events
}

/// A write with a request id of its own.
fn write(method: &'static str, path: String, body: Option<Json>) -> Request {
    Request { method, path, body, if_match: None, id: uuid::Uuid::new_v4().to_string() }
}

fn unexpected(request: &Request, answer: &Answer) -> String {
    format!("answer: {} {} is {} {}", request.method, request.path, answer.status, answer.shown())
}

impl Worker {
    fn tell(&mut self, begun: u64, what: What) {
        self.events.push(Event { begun, ended: self.shared.clock.now(), what });
    }

    fn draw(&self) -> u64 {
        self.shared.tokens.fetch_add(1, Ordering::Relaxed)
    }

    async fn transfer(&mut self) -> Result<(), String> {
        let from = self.client.random.usize(..ACCOUNTS);
        let to = (from + self.client.random.usize(1..ACCOUNTS)) % ACCOUNTS;
        let amount = self.client.random.i64(1..20);
        let body = json!({"to": account(to), "amount": amount});
        let request = write("POST", format!("{API}/accounts/{}:transfer", account(from)), Some(body));
        let begun = self.shared.clock.now();
        let answer = self.client.write(&request).await?;
        if answer.status != 200 {
            return Err(unexpected(&request, &answer));
        }
        self.tell(begun, What::Transferred { from, to, amount, id: request.id });
        Ok(())
    }

    /// Reads a counter and writes it one higher, unless somebody else did.
    async fn count(&mut self) -> Result<(), String> {
        let counter = self.client.random.usize(..COUNTERS);
        let (count, etag) = self.see_counter(counter).await?;
        let path = format!("{API}/counters/{}", crate::bank::counter(counter));
        let request = Request { if_match: etag, ..write("PATCH", path, Some(json!({"count": count + 1}))) };
        let begun = self.shared.clock.now();
        let answer = self.client.write(&request).await?;
        match answer.status {
            200 => {
                self.tell(begun, What::Counted { counter, to: count + 1, id: request.id });
                Ok(())
            }
            412 => {
                self.tell(begun, What::Tried { counter, to: count + 1 });
                Ok(())
            }
            _ => Err(unexpected(&request, &answer)),
        }
    }

    async fn see(&mut self) -> Result<(), String> {
        let counter = self.client.random.usize(..COUNTERS);
        self.see_counter(counter).await.map(drop)
    }

    async fn see_counter(&mut self, number: usize) -> Result<(i64, Option<String>), String> {
        let begun = self.shared.clock.now();
        let answer = self.client.get(format!("{API}/counters/{}", counter(number))).await?;
        let Some(count) = answer.data()["values"]["count"].as_i64() else {
            return Err(format!("answer: a counter is {} {}", answer.status, answer.shown()));
        };
        self.tell(begun, What::Seen { counter: number, count });
        Ok((count, answer.etag))
    }

    async fn create(&mut self) -> Result<(), String> {
        let (account, token) = (self.client.random.usize(..ACCOUNTS), self.draw());
        let path = entries(account);
        let request = write("POST", path.clone(), Some(json!({"token": token_text(token)})));
        let begun = self.shared.clock.now();
        let answer = self.client.write(&request).await?;
        let (201, Some(id)) = (answer.status, answer.data()["values"]["id"].as_str()) else {
            return Err(unexpected(&request, &answer));
        };
        self.kept.push((format!("{path}/{id}"), token));
        self.tell(begun, What::Created { account, token });
        Ok(())
    }

    async fn create_several(&mut self) -> Result<(), String> {
        let account = self.client.random.usize(..ACCOUNTS);
        let tokens = [self.draw(), self.draw(), self.draw()];
        let items_of = tokens.map(|token| json!({"token": token_text(token)}));
        let path = entries(account);
        let request = write("POST", format!("{path}:batchCreate"), Some(json!({"items": items_of})));
        let begun = self.shared.clock.now();
        let answer = self.client.write(&request).await?;
        let ids: Vec<&str> = items(&answer).iter().filter_map(|entry| entry["id"].as_str()).collect();
        if answer.status != 200 || ids.len() != tokens.len() {
            return Err(unexpected(&request, &answer));
        }
        let made: Vec<_> =
            ids.iter().zip(tokens).map(|(id, token)| (format!("{path}/{id}"), token)).collect();
        self.kept.extend(made);
        for token in tokens {
            self.tell(begun, What::Created { account, token });
        }
        Ok(())
    }

    async fn delete(&mut self) -> Result<(), String> {
        let (path, token) = self.kept.remove(0);
        let request = write("DELETE", path, None);
        let begun = self.shared.clock.now();
        let answer = self.client.write(&request).await?;
        if answer.status != 200 {
            return Err(unexpected(&request, &answer));
        }
        self.tell(begun, What::Deleted { token });
        Ok(())
    }

    async fn sum(&mut self) -> Result<(), String> {
        let begun = self.shared.clock.now();
        let answer = self.client.get(format!("{API}/accounts?$limit=1000")).await?;
        let balances: Vec<i64> =
            items(&answer).iter().filter_map(|account| account["balance"].as_i64()).collect();
        if answer.status != 200 {
            return Err(format!("answer: the accounts are {} {}", answer.status, answer.shown()));
        }
        self.tell(begun, What::Summed { sum: balances.iter().sum(), accounts: balances.len() });
        Ok(())
    }

    async fn walk(&mut self) -> Result<(), String> {
        let account = self.client.random.usize(..ACCOUNTS);
        let begun = self.shared.clock.now();
        let limit = self.client.random.u32(5..60);
        let found = walk(&mut self.client, format!("{}?$limit={limit}", entries(account))).await?;
        let mut ids = HashSet::new();
        for entry in &found {
            if !ids.insert(entry["id"].as_str().unwrap_or_default()) {
                return Err(format!("walk: one list of {} has {entry} twice", entries(account)));
            }
        }
        let tokens = found.iter().filter_map(token_of).collect();
        self.tell(begun, What::Walked { account, tokens });
        Ok(())
    }
}

/// The address of an account's entries.
pub(crate) fn entries(number: usize) -> String {
    format!("{API}/accounts/{}/entries", account(number))
}

/// All elements of a list, page by page.
pub(crate) async fn walk(client: &mut Client, first: String) -> Result<Vec<Json>, String> {
    let mut path = first;
    let mut found = Vec::new();
    loop {
        let answer = client.get(path.clone()).await?;
        if answer.status != 200 {
            return Err(format!("answer: GET {path} is {} {}", answer.status, answer.shown()));
        }
        found.extend_from_slice(items(&answer));
        match answer.data()["meta"]["cursorNextLink"].as_str() {
            // The page may come from another replica, whose port is another.
            Some(next) => {
                path = next.find("/api/").map_or_else(|| next.to_owned(), |at| next[at..].to_owned());
            }
            None => return Ok(found),
        }
    }
}
