//! What one request costs beside another of the same service: deep pages, filters, counts, batches.
//!
//! The service is the device registry, filled through its API. The two requests of a pair are asked in
//! alternating rounds, and the ratio is taken within a round.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use crate::Failure;
use crate::child::Side;
use crate::export;
use crate::load::{self, Load, Requests};
use crate::place::{self, Place};
use crate::registry::{BATCH, DEVICES, PAGE, Registry};
use crate::table;

/// The deep page, where there are so many.
const DEEP_PAGE: u64 = 2_000;

/// What is measured, and for how long.
#[derive(Debug, Args)]
pub(crate) struct RatioOptions {
    #[command(flatten)]
    place: Place,
    /// How many devices there are; a page 2,000 needs 100,100.
    #[arg(long, default_value_t = 100_200)]
    rows: u64,
    /// How often each request of a pair is asked.
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// How many seconds are measured each time; a fifth of it goes before as warm-up.
    #[arg(long, default_value_t = 1.5)]
    seconds: f64,
    /// Only the pairs whose names have this in them.
    #[arg(long, default_value = "")]
    only: String,
}

/// What a ratio is meant to be.
#[derive(Clone, Copy, Debug)]
enum Bound {
    /// The second request may take so many times the first's time.
    AtMost(f64),
    /// The second way must do so many times the first's rows a second.
    AtLeast(f64),
    /// It is only told.
    Told,
}

/// Two requests that are compared.
struct Pair {
    name: &'static str,
    connections: usize,
    first: Requests,
    second: Requests,
    /// How many rows the second request does for each of the first's.
    rows: f64,
    bound: Bound,
}

/// Fills a registry, measures all pairs and prints the table.
pub(crate) async fn measure(options: &RatioOptions) -> Result<(), Failure> {
    place::warn_of_debug();
    let server = options.place.start(Side::Devices, 0, "ratios").await?;
    let registry = Registry::fill(server.address(), options.rows).await?;
    options.place.settle("ratios").await?;
    let mut table = "| request | against | connections | first/s | second/s | ratio | bound | met |\n|---|---|--:|--:|--:|--:|--:|---|\n".to_owned();
    let duration = Duration::try_from_secs_f64(options.seconds)?;
    for pair in pairs(&registry).await?.into_iter().filter(|pair| pair.name.contains(&options.only)) {
        let load = Load {
            address: server.address(),
            connections: pair.connections,
            warm_up: duration / 5,
            duration,
        };
        let mut rounds = Vec::new();
        for round in 0..options.rounds {
            let first = load::measure(load, Arc::clone(&pair.first), || server.cpu_time()).await?;
            let second = load::measure(load, Arc::clone(&pair.second), || server.cpu_time()).await?;
            eprintln!("{}, round {}: {:.0}/s and {:.0}/s", pair.name, round + 1, first.rate, second.rate);
            rounds.push((first.rate, second.rate));
        }
        pair.write(&mut table, &rounds);
    }
    println!(
        "{}, {} devices, medians of {} rounds of {} s\n",
        options.place.title(),
        options.rows,
        options.rounds,
        options.seconds
    );
    print!("{table}");
    if "export".contains(&options.only) {
        println!("\n{}", export::measure(&server, DEVICES).await?);
    }
    Ok(())
}

impl Pair {
    fn write(&self, out: &mut String, rounds: &[(f64, f64)]) {
        let median =
            |value: &dyn Fn(&(f64, f64)) -> f64| table::middle(rounds.iter().map(value)).unwrap_or(f64::NAN);
        let is_of_time = !matches!(self.bound, Bound::AtLeast(_));
        let ratio =
            median(&|(first, second)| if is_of_time { first / second } else { second * self.rows / first });
        let (bound, met) = match self.bound {
            Bound::AtMost(most) => (format!("time ≤ {most}"), if ratio <= most { "yes" } else { "no" }),
            Bound::AtLeast(least) => (format!("rows/s ≥ {least}"), if ratio >= least { "yes" } else { "no" }),
            Bound::Told => ("–".to_owned(), "–"),
        };
        let (name, against) = self.name.split_once(" against ").unwrap_or((self.name, ""));
        let (first, second) = (median(&|round| round.0), median(&|round| round.1));
        let _ = writeln!(
            out,
            "| {name} | {against} | {} | {first:.0} | {second:.0} | {ratio:.2} | {bound} | {met} |",
            self.connections
        );
    }
}

/// What is asked of the registry; the deep page is the last one where there are fewer devices.
async fn pairs(registry: &Arc<Registry>) -> Result<Vec<Pair>, Failure> {
    let list = |parameters: &str| registry.list(parameters);
    let read = |name, second, bound| Pair {
        name,
        connections: 16,
        first: list("&$count=false"),
        second,
        rows: 1.0,
        bound,
    };
    let deep = registry.get(registry.page(DEEP_PAGE).await?);
    let across = registry.get(format!("/api/v1/device-types/-/devices?$limit={PAGE}&$count=false"));
    let mut pairs = vec![
        read("page 2,000 by cursor against page 1", deep, Bound::AtMost(1.3)),
        read(
            "filter and order by one index against the plain list",
            list("&$count=false&$filter=serialNumber=%22SN-00004*%22&$orderBy=serialNumber"),
            Bound::AtMost(3.0),
        ),
        read(
            "filter of 1 in 11, ordered by another index against the plain list",
            list("&$count=false&$filter=volume%3D7&$orderBy=displayName"),
            Bound::AtMost(3.0),
        ),
        read(
            "filter of 1 in 97, ordered by another index against the plain list",
            list("&$count=false&$filter=owner=%22owner-7%22&$orderBy=displayName"),
            Bound::Told,
        ),
        read(
            "filter of 1 in 97 against the plain list",
            list("&$count=false&$filter=owner=%22owner-7%22"),
            Bound::Told,
        ),
        read(
            "search of a rare word against the plain list",
            list("&$count=false&$search=000004"),
            Bound::AtMost(3.0),
        ),
        read(
            "search of two words, one of them common, against the plain list",
            list("&$count=false&$search=device%20000004"),
            Bound::Told,
        ),
        read(
            "search of a word that every device has against the plain list",
            list("&$count=false&$search=device"),
            Bound::Told,
        ),
        read("count against none", list(""), Bound::AtMost(1.25)),
        read("count of a filter against the plain list", list("&$filter=volume%3D7"), Bound::Told),
        read("list across parents against the plain list", across, Bound::Told),
        read(
            "selection of two fields against the plain list",
            list("&$count=false&$select=displayName,volume"),
            Bound::Told,
        ),
    ];
    for (connections, least) in [(32, 1.5), (1, 5.0)] {
        pairs.push(Pair {
            name: "batchCreate of 100 against single creates",
            connections,
            first: registry.creates(),
            second: registry.batches(),
            rows: BATCH as f64,
            bound: Bound::AtLeast(least),
        });
    }
    Ok(pairs)
}
