//! What must be true of what clients saw and of what is left: each fault begins with the name of the invariant.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::Value as Json;

use crate::{
    bank::{ACCOUNTS, BALANCE, COUNTERS, account, counter},
    client::Client,
    history::{Event, What},
    work::{API, entries, token_of, walk},
};

/// What is proved, and in which words.
pub(crate) const INVARIANTS: [(&str, &str); 9] = [
    ("acknowledged", "every confirmed write is there"),
    ("once", "no write happened twice"),
    ("total", "all accounts together have what they began with, in every list"),
    ("counted", "no two clients counted to one number, and none is missing"),
    ("recency", "no read shows less than was confirmed before it began, nor more than was asked for"),
    ("walk", "a list by cursor has each entry once that was there all the time, and none that was gone"),
    ("changes", "change logs have each write once, in order, and lead to what is there"),
    ("replay", "a request that is sent again is answered alike"),
    ("answer", "every request had a definite answer, and none that is not one of its own"),
];

/// What is left at the end.
pub(crate) struct Left {
    accounts: Vec<Json>,
    counters: Vec<Json>,
    entries: Vec<Vec<Json>>,
    account_changes: Vec<Vec<Json>>,
    counter_changes: Vec<Vec<Json>>,
}

impl Left {
    /// Reads everything.
    pub(crate) async fn read(client: &mut Client) -> Result<Self, String> {
        let mut left = Self {
            accounts: walk(client, format!("{API}/accounts")).await?,
            counters: walk(client, format!("{API}/counters")).await?,
            entries: Vec::new(),
            account_changes: Vec::new(),
            counter_changes: Vec::new(),
        };
        for number in 0..ACCOUNTS {
            left.entries.push(walk(client, format!("{}?$limit=1000", entries(number))).await?);
            let changes = format!("{API}/accounts/{}/changes?$orderBy=id&$limit=1000", account(number));
            left.account_changes.push(walk(client, changes).await?);
        }
        for number in 0..COUNTERS {
            let changes = format!("{API}/counters/{}/changes?$orderBy=id&$limit=1000", counter(number));
            left.counter_changes.push(walk(client, changes).await?);
        }
        Ok(left)
    }
}

/// The faults, sorted by invariant; of each a few.
pub(crate) fn check(events: &[Event], left: &Left) -> Vec<String> {
    let mut faults = Faults::default();
    for event in events {
        if let What::Wrong(text) = &event.what {
            let (invariant, _) = text.split_once(": ").unwrap_or(("answer", text));
            let invariant = INVARIANTS.iter().find(|(name, _)| *name == invariant);
            faults.add(invariant.map_or("answer", |(name, _)| name), text.clone());
        }
    }
    check_entries(events, left, &mut faults);
    check_total(events, left, &mut faults);
    check_counters(events, left, &mut faults);
    check_walks(events, &mut faults);
    check_changes(events, left, &mut faults);
    faults.0.into_values().flatten().collect()
}

/// Of each invariant a few faults; a broken store has thousands.
#[derive(Default)]
struct Faults(BTreeMap<&'static str, Vec<String>>);

impl Faults {
    fn add(&mut self, invariant: &'static str, text: String) {
        let of = self.0.entry(invariant).or_default();
        if of.len() < 3 {
            of.push(if text.starts_with(invariant) { text } else { format!("{invariant}: {text}") });
        }
    }
}

fn check_entries(events: &[Event], left: &Left, faults: &mut Faults) {
    let mut times: HashMap<u64, usize> = HashMap::new();
    for token in left.entries.iter().flatten().filter_map(token_of) {
        *times.entry(token).or_default() += 1;
    }
    for (token, count) in &times {
        if *count > 1 {
            faults.add("once", format!("{count} entries have the token {token}"));
        }
    }
    let deleted: HashSet<u64> = events.iter().filter_map(deleted).collect();
    let mut known = HashSet::new();
    for event in events {
        let What::Created { account, token } = event.what else { continue };
        known.insert(token);
        match (times.contains_key(&token), deleted.contains(&token)) {
            (false, false) => {
                faults.add("acknowledged", format!("the entry {token} of the account {account} is lost"));
            }
            (true, true) => {
                faults.add("acknowledged", format!("the entry {token} is there after its delete"));
            }
            _ => {}
        }
    }
    for token in times.keys().filter(|token| !known.contains(token)) {
        faults.add("answer", format!("the entry {token} is there, and its client was told that it is not"));
    }
}

fn deleted(event: &Event) -> Option<u64> {
    match event.what {
        What::Deleted { token } => Some(token),
        _ => None,
    }
}

fn check_total(events: &[Event], left: &Left, faults: &mut Faults) {
    let expected = i64::from(BALANCE) * ACCOUNTS as i64;
    for event in events {
        if let What::Summed { sum, accounts } = event.what
            && (sum, accounts) != (expected, ACCOUNTS)
        {
            faults.add("total", format!("a list of {accounts} accounts has {sum} of {expected}"));
        }
    }
    let mut balances = [i64::from(BALANCE); ACCOUNTS];
    for event in events {
        if let What::Transferred { from, to, amount, .. } = &event.what {
            balances[*from] -= amount;
            balances[*to] += amount;
        }
    }
    for (number, expected) in balances.into_iter().enumerate() {
        let found = find(&left.accounts, &account(number))["balance"].as_i64();
        if found != Some(expected) {
            let text =
                format!("{} has {found:?}, and its confirmed transfers come to {expected}", account(number));
            faults.add("acknowledged", text);
        }
    }
}

fn find<'a>(elements: &'a [Json], id: &str) -> &'a Json {
    elements.iter().find(|element| element["id"] == id).unwrap_or(&Json::Null)
}

fn check_counters(events: &[Event], left: &Left, faults: &mut Faults) {
    for number in 0..COUNTERS {
        let mut counted: Vec<(u64, u64, i64)> = events
            .iter()
            .filter_map(|event| match event.what {
                What::Counted { counter, to, .. } if counter == number => {
                    Some((event.begun, event.ended, to))
                }
                _ => None,
            })
            .collect();
        let mut numbers: Vec<i64> = counted.iter().map(|(.., to)| *to).collect();
        numbers.sort_unstable();
        for pair in numbers.windows(2).filter(|pair| pair[0] == pair[1]) {
            faults.add("counted", format!("{} was counted to {} twice", counter(number), pair[0]));
        }
        let last = numbers.len() as i64;
        let found = find(&left.counters, &counter(number))["count"].as_i64();
        if found != Some(last) {
            faults.add("counted", format!("{} stands at {found:?} after {last} counts", counter(number)));
        }
        counted.sort_unstable_by_key(|(_, ended, _)| *ended);
        let confirmed = highest(counted.iter().map(|(_, ended, to)| (*ended, *to)));
        // What was refused in the end may have been there for a while: a server that is killed while it waits for its standby
        // shows it once more, and the standby does not have it.
        let tried = events.iter().filter_map(|event| match event.what {
            What::Tried { counter, to } if counter == number => Some((event.begun, event.ended, to)),
            _ => None,
        });
        counted.extend(tried);
        counted.sort_unstable_by_key(|(begun, ..)| *begun);
        let asked = highest(counted.iter().map(|(begun, _, to)| (*begun, *to)));
        for event in events {
            let What::Seen { counter: of, count } = event.what else { continue };
            if of != number {
                continue;
            }
            let (least, most) = (before(&confirmed, event.begun), before(&asked, event.ended));
            if count < least || count > most {
                let text =
                    format!("{} is seen at {count}, between {least} and {most} expected", counter(number));
                faults.add("recency", text);
            }
        }
    }
}

/// The highest number so far at each time.
fn highest(sorted: impl Iterator<Item = (u64, i64)>) -> Vec<(u64, i64)> {
    let mut highest = 0;
    sorted
        .map(|(at, to)| {
            highest = highest.max(to);
            (at, highest)
        })
        .collect()
}

/// The highest number of what is before `at`.
fn before(highest: &[(u64, i64)], at: u64) -> i64 {
    let count = highest.partition_point(|(time, _)| *time < at);
    count.checked_sub(1).map_or(0, |last| highest[last].1)
}

/// When an entry may be there, and when it must be.
struct Life {
    account: usize,
    token: u64,
    confirmed: u64,
    delete_begun: u64,
    delete_ended: u64,
}

fn check_walks(events: &[Event], faults: &mut Faults) {
    let deletes: HashMap<u64, (u64, u64)> = events
        .iter()
        .filter_map(|event| deleted(event).map(|token| (token, (event.begun, event.ended))))
        .collect();
    let mut lives: Vec<Life> = events
        .iter()
        .filter_map(|event| {
            let What::Created { account, token } = event.what else { return None };
            let (delete_begun, delete_ended) = deletes.get(&token).copied().unwrap_or((u64::MAX, u64::MAX));
            Some(Life { account, token, confirmed: event.ended, delete_begun, delete_ended })
        })
        .collect();
    lives.sort_unstable_by_key(|life| life.confirmed);
    let gone: HashMap<u64, u64> = lives.iter().map(|life| (life.token, life.delete_ended)).collect();
    let mut walks: Vec<_> = events
        .iter()
        .filter_map(|event| match &event.what {
            What::Walked { account, tokens } => Some((event.begun, event.ended, *account, tokens)),
            _ => None,
        })
        .collect();
    walks.sort_unstable_by_key(|(begun, ..)| *begun);
    // Those that are confirmed and not known to be deleted before the walk, by account.
    let mut there: Vec<Vec<&Life>> = (0..ACCOUNTS).map(|_| Vec::new()).collect();
    let mut next = lives.iter().peekable();
    for (begun, ended, account, tokens) in walks {
        while let Some(life) = next.next_if(|life| life.confirmed < begun) {
            there[life.account].push(life);
        }
        there[account].retain(|life| life.delete_begun > begun);
        let mut seen = HashSet::new();
        for token in tokens {
            if !seen.insert(*token) {
                faults.add("once", format!("one list has the token {token} twice"));
            }
            if gone.get(token).is_some_and(|at| *at < begun) {
                faults.add("walk", format!("a list has the entry {token} after its confirmed delete"));
            }
        }
        for life in there[account].iter().filter(|life| life.delete_begun > ended) {
            if !seen.contains(&life.token) {
                faults.add("walk", format!("a list of {} entries lacks {}", tokens.len(), life.token));
            }
        }
    }
}

fn check_changes(events: &[Event], left: &Left, faults: &mut Faults) {
    for (number, changes) in left.account_changes.iter().enumerate() {
        let of_this = events.iter().filter_map(|event| match &event.what {
            What::Transferred { from, to, id, .. } if *from == number || *to == number => Some(id.as_str()),
            _ => None,
        });
        let resource = find(&left.accounts, &account(number));
        check_log(&account(number), changes, &of_this.collect(), ("balance", resource), faults);
    }
    for (number, changes) in left.counter_changes.iter().enumerate() {
        let of_this = events.iter().filter_map(|event| match &event.what {
            What::Counted { counter, id, .. } if *counter == number => Some(id.as_str()),
            _ => None,
        });
        let resource = find(&left.counters, &counter(number));
        check_log(&counter(number), changes, &of_this.collect(), ("count", resource), faults);
    }
}

/// The first change is that of the seed; the others are the confirmed requests.
fn check_log(
    of: &str,
    changes: &[Json],
    confirmed: &HashSet<&str>,
    (member, resource): (&str, &Json),
    faults: &mut Faults,
) {
    for (change, expected) in changes.iter().zip(1..) {
        if change["id"].as_i64() != Some(expected) {
            faults.add("changes", format!("the change {expected} of {of} has the id {}", change["id"]));
            return;
        }
    }
    let ids: Vec<&str> = changes.iter().skip(1).filter_map(|change| change["requestId"].as_str()).collect();
    let recorded: HashSet<&str> = ids.iter().copied().collect();
    if recorded.len() < ids.len() {
        faults.add("changes", format!("{of} has two changes of one request"));
    }
    for id in confirmed.difference(&recorded) {
        faults.add("changes", format!("{of} has no change of the confirmed request {id}"));
    }
    for id in recorded.difference(confirmed) {
        faults.add("changes", format!("{of} has a change of the request {id}, which nobody was told of"));
    }
    let last = changes.iter().rev().find_map(|change| change["patch"][member].as_i64());
    if last != resource[member].as_i64() {
        faults
            .add("changes", format!("the changes of {of} lead to {last:?}, and it is {}", resource[member]));
    }
}
