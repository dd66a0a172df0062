//! The run itself: starts the servers, asks them in alternating rounds and prints the table.

use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::Failure;
use crate::child::{Server, Side};
use crate::load::{self, Load};
use crate::place::{self, Place};
use crate::scenario::{ROWS, Scenario, Subject};
use crate::table::{self, Case};

/// What is compared, and for how long.
#[derive(Debug, Args)]
pub(crate) struct CompareOptions {
    #[command(flatten)]
    place: Place,
    /// The scenarios, all by default.
    #[arg(long, value_enum, value_delimiter = ',')]
    scenario: Vec<Scenario>,
    /// The servers, all by default.
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Side>,
    /// How many connections ask at once.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 32])]
    connections: Vec<usize>,
    /// How often each server is asked in each scenario.
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// How many seconds are measured each time; a fifth of it goes before as warm-up.
    #[arg(long, default_value_t = 2.1)]
    seconds: f64,
    /// A first impression: three rounds of 0.3 seconds.
    #[arg(long, conflicts_with_all = ["rounds", "seconds"])]
    quick: bool,
}

/// A server and what its requests need to know of it.
struct Contender {
    side: Side,
    server: Server,
    subject: Arc<Subject>,
}

/// Runs the comparison.
pub(crate) async fn compare(options: &CompareOptions) -> Result<(), Failure> {
    place::warn_of_debug();
    let (rounds, seconds) = if options.quick { (3, 0.3) } else { (options.rounds, options.seconds) };
    let duration = Duration::try_from_secs_f64(seconds)?;
    let mut contenders = Vec::new();
    for side in chosen(&options.only) {
        eprintln!("starting {side}");
        contenders.push(Contender::start(side, options).await?);
    }

    let mut cases = Vec::new();
    for scenario in chosen(&options.scenario) {
        for &connections in &options.connections {
            let load = |contender: &Contender| Load {
                address: contender.server.address(),
                connections,
                warm_up: duration / 5,
                duration,
            };
            let mut case = Case {
                scenario,
                connections,
                sides: contenders.iter().map(|contender| (contender.side, Vec::new())).collect(),
            };
            for round in 0..rounds {
                for turn in 0..contenders.len() {
                    // Each round begins with another server: what the one before leaves behind, dirty pages above
                    // all, must not always fall on the same one.
                    let index = (turn + round as usize) % contenders.len();
                    let contender = &contenders[index];
                    let requests = contender.subject.requests(scenario);
                    let measured =
                        load::measure(load(contender), requests, || contender.server.cpu_time()).await;
                    let measured = measured.map_err(|error| format!("{}: {error}", contender.side))?;
                    eprintln!(
                        "{}, {connections} connections, round {}: {} {:.0}/s, p50 {:?}, p99 {:?}",
                        scenario.name(),
                        round + 1,
                        contender.side,
                        measured.rate,
                        measured.p50,
                        measured.p99
                    );
                    case.sides[index].1.push(measured);
                }
            }
            cases.push(case);
        }
    }
    println!("{}, {ROWS} rows, medians of {rounds} rounds of {seconds} s\n", options.place.title());
    print!("{}", table::render(&cases, options.place.database.is_some()));
    Ok(())
}

impl Contender {
    async fn start(side: Side, options: &CompareOptions) -> Result<Self, Failure> {
        let place = &options.place;
        let server = match side {
            Side::Peer | Side::Ours => place.start(side, ROWS, &side.to_string()).await,
            _ => Server::start(side, &place.directory, ROWS, place.synchronous, None),
        };
        let server = server.map_err(|error| format!("{error}; `--only` leaves a side out"))?;
        if let Side::Peer | Side::Ours = side {
            place.settle(&side.to_string()).await?;
        }
        let subject = match side {
            Side::Peer | Side::Ours => Subject::explore(server.address()).await,
            Side::Constant | Side::Devices | Side::Aged => Ok(Subject::made_up(server.address())),
        };
        let subject = subject.map_err(|error| format!("{side}: {error}"))?;
        Ok(Self { side, server, subject })
    }
}

/// An empty choice is all there is.
fn chosen<T: ValueEnum + PartialEq>(names: &[T]) -> Vec<T> {
    let all = T::value_variants();
    all.iter().filter(|name| names.is_empty() || names.contains(name)).cloned().collect()
}
