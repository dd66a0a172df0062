//! What a hundred times as many rows cost a request.
//!
//! Two device registries differ in the number of their devices alone. What is asked of both has as many matches on one
//! page of the small one as of the large one, so that the ratio is of finding them.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use crate::Failure;
use crate::child::{Server, Side};
use crate::load::{self, Load, Measurement, Requests};
use crate::place::{self, Place};
use crate::registry::{PAGE, Registry};
use crate::table::{self, milliseconds, number};

/// How many connections ask at once.
const CONNECTIONS: usize = 16;
/// The deep page, where the small registry has so many.
const DEEP_PAGE: u64 = 150;
/// How many times as long a request may take on the large registry.
const MOST: f64 = 1.5;
/// With fewer devices not every filter would fill a page.
const LEAST_ROWS: u64 = 97 * PAGE;

/// How much is compared with how much.
#[derive(Debug, Args)]
pub(crate) struct ScaleOptions {
    #[command(flatten)]
    place: Place,
    /// How many devices the small registry has.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(LEAST_ROWS..))]
    small: u64,
    /// How many devices the large registry has.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(LEAST_ROWS..))]
    rows: u64,
    /// How often each request is asked of each registry.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// How many seconds are measured each time; a fifth of it goes before as warm-up.
    #[arg(long, default_value_t = 1.5)]
    seconds: f64,
    /// Only the requests whose names have this in them.
    #[arg(long, default_value = "")]
    only: String,
}

/// One of the two registries.
struct Size {
    server: Server,
    /// The same on both, in the same order.
    requests: Vec<(String, Requests)>,
}

/// Fills both registries, measures all requests and prints the table.
pub(crate) async fn measure(options: &ScaleOptions) -> Result<(), Failure> {
    place::warn_of_debug();
    let duration = Duration::try_from_secs_f64(options.seconds)?;
    let deep_page = DEEP_PAGE.min(options.small / PAGE - 1);
    let small = Size::start(options, "scale_small", options.small, deep_page).await?;
    let large = Size::start(options, "scale_large", options.rows, deep_page).await?;
    let mut table = "\
| request | small/s | large/s | time, large / small | bound | met | p99 ms, small / large | CPU µs/request, small / large |
|---|--:|--:|--:|--:|---|--:|--:|
"
    .to_owned();
    for (at, (name, _)) in small.requests.iter().enumerate() {
        if !name.contains(&options.only) {
            continue;
        }
        let (mut of_small, mut of_large) = (Vec::new(), Vec::new());
        for round in 0..options.rounds {
            let mut turns = [(&small, &mut of_small), (&large, &mut of_large)];
            // What a measurement leaves behind must not always fall on the same registry.
            if round % 2 == 1 {
                turns.reverse();
            }
            for (size, measured) in turns {
                measured.push(size.measure(at, duration).await?);
            }
            if let (Some(small), Some(large)) = (of_small.last(), of_large.last()) {
                eprintln!("{name}, round {}: {:.0}/s and {:.0}/s", round + 1, small.rate, large.rate);
            }
        }
        write(&mut table, name, &of_small, &of_large);
    }
    println!(
        "{}, {} devices against {}, {CONNECTIONS} connections, medians of {} rounds of {} s\n",
        options.place.title(),
        options.rows,
        options.small,
        options.rounds,
        options.seconds
    );
    print!("{table}");
    Ok(())
}

fn write(out: &mut String, name: &str, small: &[Measurement], large: &[Measurement]) {
    let ratio = table::ratio(small, large, |round| round.rate);
    let met = match ratio {
        Some(ratio) if ratio <= MOST => "yes",
        Some(_) => "no",
        None => "–",
    };
    let rate = |rounds| number(table::median(rounds, |round| round.rate), 0);
    let p99 = |rounds| number(table::median(rounds, |round| milliseconds(round.p99)), 2);
    let cpu = |rounds| number(table::median(rounds, |round| round.cpu.as_secs_f64() * 1e6), 1);
    let _ = writeln!(
        out,
        "| {name} | {} | {} | {} | ≤ {MOST} | {met} | {} / {} | {} / {} |",
        rate(small),
        rate(large),
        number(ratio, 2),
        p99(small),
        p99(large),
        cpu(small),
        cpu(large)
    );
}

impl Size {
    async fn start(options: &ScaleOptions, name: &str, rows: u64, deep_page: u64) -> Result<Self, Failure> {
        eprintln!("filling a registry with {rows} devices");
        let server = options.place.start(Side::Devices, 0, name).await?;
        let registry = Registry::fill(server.address(), rows).await?;
        options.place.settle(name).await?;
        let list = |parameters: &str| registry.list(parameters);
        let named = |name: &str, requests| (name.to_owned(), requests);
        let requests = vec![
            named("point read", registry.reads(registry.ids().await?)),
            named("first page", list("&$count=false")),
            (format!("page {deep_page} by cursor"), registry.get(registry.page(deep_page).await?)),
            named(
                "filter and order by one index",
                list("&$count=false&$filter=serialNumber=%22SN-000004*%22&$orderBy=serialNumber"),
            ),
            named("filter of 1 in 97", list("&$count=false&$filter=owner=%22owner-7%22")),
            named(
                "filter of 1 in 11, ordered by another index",
                list("&$count=false&$filter=volume%3D7&$orderBy=displayName"),
            ),
            named(
                "filter of 1 in 97, ordered by another index",
                list("&$count=false&$filter=owner=%22owner-7%22&$orderBy=displayName"),
            ),
            named("first page, counted up to 10,000", list("")),
            named("search of a rare word", list("&$count=false&$search=0000042")),
        ];
        Ok(Self { server, requests })
    }

    async fn measure(&self, at: usize, duration: Duration) -> Result<Measurement, Failure> {
        let (_, requests) = &self.requests[at];
        let load = Load {
            address: self.server.address(),
            connections: CONNECTIONS,
            warm_up: duration / 5,
            duration,
        };
        load::measure(load, Arc::clone(requests), || self.server.cpu_time()).await
    }
}
