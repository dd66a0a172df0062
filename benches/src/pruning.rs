//! What creates feel of it when old request ids and old changes are taken away.
//!
//! In each round a service starts on the same database, which has many of both. Until a minute is over it leaves them alone:
//! then it is measured quiet. After that it prunes, by itself and in its own steps, until nothing old is left: then it is
//! measured again. How much is left is asked at both ends of each measurement.

use std::cell::RefCell;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use clap::Args;

use crate::Failure;
use crate::aged::{HOW_MANY, LEFT};
use crate::child::{Server, Side};
use crate::load::{self, Load, Measurement, Requests};
use crate::place::{self, Place, new_database};
use crate::scenario::write_create;
use crate::table::{self, milliseconds, number};
use crate::writers::at_least_one;

/// The database's name.
const NAME: &str = "pruning";
/// How many times as long the slowest of a hundred creates may take while the service prunes.
const MOST: f64 = 2.0;
/// For how long a measurement may be: it must be over before a service begins to prune, a minute after its start.
const MOST_SECONDS: f64 = 40.0;
/// How long after its start a service must have begun to prune.
const BEGUN: Duration = Duration::from_secs(90);
/// How often is looked whether it has.
const LOOK: Duration = Duration::from_millis(200);

/// How much is old, and how long is measured.
#[derive(Debug, Args)]
pub(crate) struct PruningOptions {
    #[command(flatten)]
    place: Place,
    /// How many old request ids there are, and as many old changes; a round that finds too few of them says so.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1..))]
    rows: u64,
    /// How many connections create.
    #[arg(long, default_value_t = 8, value_parser = at_least_one)]
    connections: usize,
    /// How often the service starts; each takes more than a minute.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// How many seconds are measured each time, at most 40; a fifth of it goes before as warm-up.
    #[arg(long, default_value_t = 10.0)]
    seconds: f64,
}

/// How much that is old is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Left {
    requests: u64,
    changes: u64,
}

/// One start of the service.
struct Round {
    quiet: Measurement,
    pruned: Measurement,
    /// What was left when the measurement beside the pruning began, and when it ended.
    before: Left,
    after: Left,
}

/// Fills a database with old rows, measures and prints the table.
pub(crate) async fn measure(options: &PruningOptions) -> Result<(), Failure> {
    place::warn_of_debug();
    let duration = Duration::try_from_secs_f64(options.seconds)?;
    if options.seconds > MOST_SECONDS {
        return Err(format!(
            "a service prunes a minute after its start: at most {MOST_SECONDS} seconds can be measured before"
        )
        .into());
    }
    let directory =
        tempfile::Builder::new().prefix("rest-standard-bench-").tempdir_in(&options.place.directory)?;
    let database: OsString = match &options.place.database {
        Some(server) => new_database(server, NAME).await?.into(),
        None => directory.path().join("items.db").into(),
    };
    let start = || Server::start_on(Side::Aged, &database, options.rows, options.place.synchronous);
    eprintln!("filling {} old rows", options.rows);
    // A start of its own, so that the first round finds the database as the others do.
    drop(start()?);
    options.place.settle(NAME).await?;

    let requests = creates();
    let mut rounds = Vec::new();
    for number in 1..=options.rounds {
        let server = start()?;
        if left(&server)?.is_over() {
            println!(
                "nothing old was left after {} of {} rounds; give more `--rows`\n",
                number - 1,
                options.rounds
            );
            break;
        }
        let load = Load {
            address: server.address(),
            connections: options.connections,
            warm_up: duration / 5,
            duration,
        };
        let round = Round::measure(&server, load, &requests).await?;
        eprintln!(
            "round {number}: p99 {:?} quiet and {:?} beside pruning, {:?} left",
            round.quiet.p99, round.pruned.p99, round.after
        );
        rounds.push(round);
    }
    println!(
        "{}, {} old request ids and as many old changes at first, {} connections that create, {} s in each measurement\n",
        options.place.title(),
        options.rows,
        options.connections,
        options.seconds
    );
    print!("{}", render(&rounds));
    Ok(())
}

impl Left {
    /// Whether one of the two is not pruned any more.
    fn is_over(self) -> bool {
        self.requests == 0 || self.changes == 0
    }
}

impl Round {
    async fn measure(server: &Server, load: Load, requests: &Requests) -> Result<Self, Failure> {
        let started = Instant::now();
        let first = left(server)?;
        let quiet = load::measure(load, Arc::clone(requests), || server.cpu_time()).await?;
        if left(server)? != first {
            return Err("the service pruned before the quiet measurement was over".into());
        }
        loop {
            let now = left(server)?;
            if now.requests < first.requests && now.changes < first.changes {
                break;
            }
            if started.elapsed() > BEGUN {
                return Err("the service does not prune".into());
            }
            tokio::time::sleep(LOOK).await;
        }
        let ends = RefCell::new(Vec::new());
        let pruned = load::measure(load, Arc::clone(requests), || {
            // It is called at both ends of the measured time.
            ends.borrow_mut().push(left(server)?);
            server.cpu_time()
        });
        let pruned = pruned.await?;
        let [before, after] = ends.into_inner()[..] else { return Err("not two ends of a time".into()) };
        Ok(Self { quiet, pruned, before, after })
    }

    fn gone(&self) -> Left {
        Left {
            requests: self.before.requests.saturating_sub(self.after.requests),
            changes: self.before.changes.saturating_sub(self.after.changes),
        }
    }

    /// Whether both kinds were pruned from the beginning of the measurement to its end: pruning stops only when nothing
    /// old is left.
    fn is_throughout(&self) -> bool {
        !self.after.is_over() && !self.gone().is_over()
    }

    fn ratio(&self, value: impl Fn(&Measurement) -> f64) -> f64 {
        value(&self.pruned) / value(&self.quiet)
    }
}

fn left(server: &Server) -> Result<Left, Failure> {
    let answer = server.ask(HOW_MANY, LEFT)?;
    let (requests, changes) = answer.split_once(' ').ok_or("not two numbers")?;
    Ok(Left { requests: requests.parse()?, changes: changes.parse()? })
}

/// Creates whose numbers go on from round to round, as no request id may come again.
fn creates() -> Requests {
    let next = AtomicU64::new(0);
    Arc::new(move |out| write_create(out, "127.0.0.1", next.fetch_add(1, Ordering::Relaxed)))
}

/// One line for each round, and what follows from those that were pruned from beginning to end.
fn render(rounds: &[Round]) -> String {
    let mut table = "\
| round | creates/s, quiet / pruned | p99 ms, quiet / pruned | p99 ratio | request ids gone | changes gone | left of each | pruned throughout |
|--:|--:|--:|--:|--:|--:|--:|---|
"
    .to_owned();
    for (at, round) in rounds.iter().enumerate() {
        let (gone, after) = (round.gone(), round.after);
        let _ = writeln!(
            table,
            "| {} | {:.0} / {:.0} | {:.2} / {:.2} | {:.2} | {} | {} | {} / {} | {} |",
            at + 1,
            round.quiet.rate,
            round.pruned.rate,
            milliseconds(round.quiet.p99),
            milliseconds(round.pruned.p99),
            round.ratio(|side| milliseconds(side.p99)),
            gone.requests,
            gone.changes,
            after.requests,
            after.changes,
            if round.is_throughout() { "yes" } else { "no, it ended before" }
        );
    }
    let valid = || rounds.iter().filter(|round| round.is_throughout());
    let p99 = table::middle(valid().map(|round| round.ratio(|side| milliseconds(side.p99))));
    let rate = table::middle(valid().map(|round| round.ratio(|side| side.rate)));
    let verdict = match p99 {
        Some(ratio) if ratio <= MOST => "yes",
        Some(_) => "no",
        None => "nothing is claimed, as no round was pruned throughout; give more `--rows`",
    };
    let _ = writeln!(
        table,
        "\nmedians of the {} rounds that were pruned throughout: p99 {} times the quiet one's (≤ {MOST}: {verdict}), creates/s {} times",
        valid().count(),
        number(p99, 2),
        number(rate, 2)
    );
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(before: (u64, u64), after: (u64, u64), p99: u64) -> Round {
        let side = |p99| Measurement {
            rate: 100.0,
            p50: Duration::from_millis(1),
            p99: Duration::from_millis(p99),
            cpu: Duration::from_millis(1),
        };
        let left = |(requests, changes)| Left { requests, changes };
        Round { quiet: side(10), pruned: side(p99), before: left(before), after: left(after) }
    }

    #[test]
    fn a_round_whose_pruning_ended_claims_nothing() {
        let text = render(&[round((100, 100), (50, 0), 10)]);
        assert!(text.contains("| no, it ended before |"), "{text}");
        assert!(text.contains("nothing is claimed"), "{text}");
    }

    #[test]
    fn only_rounds_that_were_pruned_throughout_are_judged() {
        let text = render(&[round((100, 100), (50, 50), 15), round((50, 50), (0, 0), 90)]);
        assert!(text.contains("of the 1 rounds"), "{text}");
        assert!(text.contains("p99 1.50 times the quiet one's (≤ 2: yes)"), "{text}");
    }
}
