//! What counted lists cost those who write into the list meanwhile, and what the writers cost the lists.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use crate::Failure;
use crate::child::{Server, Side};
use crate::load::{self, Load, Measurement, Requests};
use crate::place::{self, Place};
use crate::registry::Registry;
use crate::table::{self, milliseconds, number};

/// How many writers and readers there are, and for how long.
#[derive(Debug, Args)]
pub(crate) struct WritersOptions {
    #[command(flatten)]
    place: Place,
    /// How many devices there are before the first writer comes; lists are counted up to 10,000 unless they ask for more.
    #[arg(long, default_value_t = 20_000)]
    rows: u64,
    /// How many connections create devices, all below one device type.
    #[arg(long, default_value_t = 32, value_parser = at_least_one)]
    writers: usize,
    /// How many connections list them.
    #[arg(long, default_value_t = 4, value_parser = at_least_one)]
    readers: usize,
    /// How often each way is measured.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// How many seconds are measured each time; a fifth of it goes before as warm-up.
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
}

/// What is done beside the writers, and what came of it.
struct Way {
    name: &'static str,
    /// None where nobody reads.
    lists: Option<Requests>,
    writes: Vec<Measurement>,
    reads: Vec<Measurement>,
}

/// Fills a registry, measures all ways in turn and prints the table.
pub(crate) async fn measure(options: &WritersOptions) -> Result<(), Failure> {
    place::warn_of_debug();
    let duration = Duration::try_from_secs_f64(options.seconds)?;
    let server = options.place.start(Side::Devices, 0, "writers").await?;
    let registry = Registry::fill(server.address(), options.rows).await?;
    options.place.settle("writers").await?;
    let way = |name, lists| Way { name, lists, writes: Vec::new(), reads: Vec::new() };
    let mut ways = [
        way("nobody", None),
        way("uncounted lists", Some(registry.list("&$count=false"))),
        way("lists counted up to 10,000", Some(registry.list(""))),
        way("lists counted to the end", Some(registry.list("&$count=true"))),
    ];
    let creates = registry.creates();
    for round in 0..options.rounds as usize {
        for turn in 0..ways.len() {
            // Each round begins with another way, as the list grows with each.
            let index = (turn + round) % ways.len();
            let way = &mut ways[index];
            let load = |connections| Load {
                address: server.address(),
                connections,
                warm_up: duration / 5,
                duration,
            };
            let writing = ask(&server, load(options.writers), &creates);
            let written = match &way.lists {
                None => writing.await?,
                Some(lists) => {
                    let reading = ask(&server, load(options.readers), lists);
                    let (written, read) = tokio::try_join!(writing, reading)?;
                    way.reads.push(read);
                    written
                }
            };
            eprintln!("beside {}, round {}: {:.0} creates/s", way.name, round + 1, written.rate);
            way.writes.push(written);
        }
    }
    println!(
        "{}, {} devices at first, {} connections that create and {} that list, medians of {} rounds of {} s\n",
        options.place.title(),
        options.rows,
        options.writers,
        options.readers,
        options.rounds,
        options.seconds
    );
    print!("{}", render(&ways));
    Ok(())
}

async fn ask(server: &Server, load: Load, requests: &Requests) -> Result<Measurement, Failure> {
    load::measure(load, Arc::clone(requests), || server.cpu_time()).await
}

/// The ratios are of the creates: to those beside nobody, and to those beside lists that do not count, which tells the
/// counting from the reading.
fn render(ways: &[Way; 4]) -> String {
    let mut table = "\
| beside the creates | creates/s | to alone | to beside uncounted | creates, p99 ms | lists/s | lists, p99 ms |
|---|--:|--:|--:|--:|--:|--:|
"
    .to_owned();
    let [alone, uncounted, ..] = ways;
    for way in ways {
        let rate = |rounds| number(table::median(rounds, |round| round.rate), 0);
        let p99 = |rounds| number(table::median(rounds, |round| milliseconds(round.p99)), 2);
        let to = |other: &Way| table::ratio(&way.writes, &other.writes, |round| round.rate);
        let is_counted = way.lists.is_some() && way.name != uncounted.name;
        let _ = writeln!(
            table,
            "| {} | {} | {} | {} | {} | {} | {} |",
            way.name,
            rate(&way.writes),
            number(way.lists.as_ref().and_then(|_| to(alone)), 2),
            number(if is_counted { to(uncounted) } else { None }, 2),
            p99(&way.writes),
            rate(&way.reads),
            p99(&way.reads)
        );
    }
    table
}

/// A number of connections.
pub(crate) fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("at least one connection is needed".to_owned()),
        Ok(count) => Ok(count),
        Err(error) => Err(format!("{error}")),
    }
}
