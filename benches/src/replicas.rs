//! What a second server process on the same database brings.
//!
//! Both processes run all the time, on one database with the same rows. In each round all connections go to one of them,
//! and then half of them to each; an idle server costs next to nothing.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use crate::Failure;
use crate::child::{Server, Side};
use crate::load::{self, Load, Measurement, Requests};
use crate::place::{self, Place, new_database};
use crate::scenario::{ROWS, Scenario, Subject};
use crate::table::{self, milliseconds, number};

/// The database's name.
const NAME: &str = "replicas";

/// How hard the servers are asked.
#[derive(Debug, Args)]
pub(crate) struct ReplicasOptions {
    #[command(flatten)]
    place: Place,
    /// How many connections ask at once, an even number.
    #[arg(long, default_value_t = 32, value_parser = even)]
    connections: usize,
    /// How often one server and both are asked.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// How many seconds are measured each time; a fifth of it goes before as warm-up.
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
}

/// Starts both servers, measures and prints the table.
pub(crate) async fn measure(options: &ReplicasOptions) -> Result<(), Failure> {
    place::warn_of_debug();
    let Some(postgres) = &options.place.database else {
        return Err("an SQLite file belongs to one process; replicas need `--database postgres://…`".into());
    };
    let duration = Duration::try_from_secs_f64(options.seconds)?;
    let database = new_database(postgres, NAME).await?;
    eprintln!("filling {ROWS} rows");
    // The first one fills the database, the second finds it so.
    let start = || Server::start_on(Side::Ours, database.as_ref(), ROWS, options.place.synchronous);
    let servers = [start()?, start()?];
    options.place.settle(NAME).await?;
    // One subject for both, so that no request id is used twice; like clients of replicas behind one name, it asks all of
    // them by the same host.
    let subject = Subject::explore(servers[0].address()).await?;
    let mut table = "\
| request | one server/s | two/s | two / one | CPU µs/request of the servers, one / two | busy CPUs of the servers, one / two | p99 ms, one / two |
|---|--:|--:|--:|--:|--:|--:|
"
    .to_owned();
    for scenario in [Scenario::Create, Scenario::PointRead] {
        let load = |server: &Server, connections| Load {
            address: server.address(),
            connections,
            warm_up: duration / 5,
            duration,
        };
        let (mut of_one, mut of_two) = (Vec::new(), Vec::new());
        for round in 0..options.rounds {
            // Who begins changes, as the table grows and Postgres cleans up behind both.
            for turn in [round % 2, (round + 1) % 2] {
                let [first, second] = &servers;
                let requests = || subject.requests(scenario);
                if turn == 0 {
                    of_one.push(ask(first, load(first, options.connections), requests()).await?);
                } else {
                    let half = options.connections / 2;
                    let (first, second) = tokio::try_join!(
                        ask(first, load(first, half), requests()),
                        ask(second, load(second, half), requests())
                    )?;
                    of_two.push(together(first, second));
                }
            }
            if let (Some(one), Some(two)) = (of_one.last(), of_two.last()) {
                let name = scenario.name();
                eprintln!("{name}, round {}: {:.0}/s and {:.0}/s", round + 1, one.rate, two.rate);
            }
        }
        write(&mut table, scenario, &of_one, &of_two);
    }
    println!(
        "Postgres, {ROWS} rows at first, {} connections, medians of {} rounds of {} s; the load generator and Postgres have what the \
         servers leave of this machine's {} CPUs\n",
        options.connections,
        options.rounds,
        options.seconds,
        std::thread::available_parallelism()?
    );
    print!("{table}");
    Ok(())
}

async fn ask(server: &Server, load: Load, requests: Requests) -> Result<Measurement, Failure> {
    load::measure(load, Arc::clone(&requests), || server.cpu_time()).await
}

/// What two servers did at the same time. Of the latencies it has the worse half: percentiles cannot be added.
fn together(first: Measurement, second: Measurement) -> Measurement {
    let rate = first.rate + second.rate;
    Measurement {
        rate,
        p50: first.p50.max(second.p50),
        p99: first.p99.max(second.p99),
        cpu: first.cpu.mul_f64(first.rate / rate) + second.cpu.mul_f64(second.rate / rate),
    }
}

fn write(out: &mut String, scenario: Scenario, one: &[Measurement], two: &[Measurement]) {
    let rate = |rounds| number(table::median(rounds, |round| round.rate), 0);
    let cpu = |rounds| number(table::median(rounds, |round| round.cpu.as_secs_f64() * 1e6), 1);
    let busy = |rounds| number(table::median(rounds, |round| round.cpu.as_secs_f64() * round.rate), 2);
    let p99 = |rounds| number(table::median(rounds, |round| milliseconds(round.p99)), 2);
    let _ = writeln!(
        out,
        "| {} | {} | {} | {} | {} / {} | {} / {} | {} / {} |",
        scenario.name(),
        rate(one),
        rate(two),
        number(table::ratio(two, one, |round| round.rate), 2),
        cpu(one),
        cpu(two),
        busy(one),
        busy(two),
        p99(one),
        p99(two)
    );
}

/// A number of connections that two servers can share evenly.
fn even(text: &str) -> Result<usize, String> {
    match text.parse::<usize>() {
        Ok(count) if count > 0 && count % 2 == 0 => Ok(count),
        Ok(_) => Err("two servers share the connections evenly: an even number is needed".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_two_servers_use_is_weighed_by_what_they_did() {
        let of = |rate, micros| Measurement {
            rate,
            p50: Duration::from_millis(1),
            p99: Duration::from_millis(rate as u64),
            cpu: Duration::from_micros(micros),
        };
        let both = together(of(300.0, 10), of(100.0, 50));
        assert_eq!((both.rate, both.cpu), (400.0, Duration::from_micros(20)));
        assert_eq!(both.p99, Duration::from_millis(300));
    }
}
