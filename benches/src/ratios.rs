//! What one request costs beside another of the same service: deep pages, filters, counts, batches.
//!
//! The service is the device registry on SQLite, filled through its API. The two requests of a pair are asked in
//! alternating rounds, and the ratio is taken within a round.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use clap::Args;

use crate::Failure;
use crate::child::{Server, Side};
use crate::export;
use crate::load::{self, Connection, Load, Requests};
use crate::scenario::{write_body, write_get};
use crate::serve::Synchronous;

/// Where the devices are.
const DEVICES: &str = "/api/v1/device-types/bench/devices";
/// How many items a batch has.
const BATCH: u64 = 100;
/// The deep page, and how many elements a page has.
const DEEP_PAGE: u64 = 2_000;
const PAGE: u64 = 50;

/// What is measured, and for how long.
#[derive(Debug, Args)]
pub(crate) struct RatioOptions {
    /// How many devices there are; a page 2,000 needs 100,100.
    #[arg(long, default_value_t = 100_200)]
    rows: u64,
    /// When a commit counts as durable.
    #[arg(long, value_enum, default_value_t = Synchronous::Normal)]
    synchronous: Synchronous,
    /// How often each request of a pair is asked.
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// How many seconds are measured each time; a fifth of it goes before as warm-up.
    #[arg(long, default_value_t = 1.5)]
    seconds: f64,
    /// Only the pairs whose names have this in them.
    #[arg(long, default_value = "")]
    only: String,
    /// The directory for the database.
    #[arg(long, default_value_os_t = std::env::temp_dir())]
    directory: PathBuf,
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
    if cfg!(debug_assertions) {
        eprintln!("warning: a debug build measures nothing of worth; use --release");
    }
    let server = Server::start(Side::Devices, &options.directory, 0, options.synchronous, None)?;
    let asked = Asked::fill(server.address(), options.rows).await?;
    let mut table = "| request | against | connections | first/s | second/s | ratio | bound | met |\n|---|---|--:|--:|--:|--:|--:|---|\n".to_owned();
    let duration = Duration::try_from_secs_f64(options.seconds)?;
    for pair in asked.pairs().into_iter().filter(|pair| pair.name.contains(&options.only)) {
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
        "synchronous={}, {} devices, medians of {} rounds of {} s\n",
        options.synchronous.name(),
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
    fn write(&self, table: &mut String, rounds: &[(f64, f64)]) {
        let median = |value: &dyn Fn(&(f64, f64)) -> f64| {
            let mut values: Vec<f64> = rounds.iter().map(value).collect();
            values.sort_by(f64::total_cmp);
            values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
        };
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
            table,
            "| {name} | {against} | {} | {first:.0} | {second:.0} | {ratio:.2} | {bound} | {met} |",
            self.connections
        );
    }
}

/// What requests need to know of the registry.
struct Asked {
    host: String,
    deep_page: String,
    /// The next device's number.
    next: AtomicU64,
}

impl Asked {
    /// Creates the devices by batches, and learns the address of the deep page by following the list.
    async fn fill(address: SocketAddr, rows: u64) -> Result<Arc<Self>, Failure> {
        let host = address.to_string();
        let mut asked = Self { host, deep_page: String::new(), next: AtomicU64::new(0) };
        let mut connection = Connection::open(address).await?;
        let mut request = Vec::new();
        let body = r#"{"id":"bench","displayName":"Bench"}"#;
        write_body(
            &mut request,
            "POST /api/v1/device-types",
            &asked.host,
            "application/json",
            u64::MAX,
            body,
        );
        connection.exchange(&request).await?;
        for _ in 0..rows.div_ceil(BATCH) {
            request.clear();
            asked.write_batch(&mut request);
            connection.exchange(&request).await?;
        }
        let mut page = format!("{DEVICES}?$limit={PAGE}&$count=false");
        for _ in 1..DEEP_PAGE {
            request.clear();
            write_get(&mut request, &page, &asked.host);
            let answer: serde_json::Value = serde_json::from_slice(connection.exchange(&request).await?)?;
            let next = answer["data"]["meta"]["cursorNextLink"].as_str();
            // Fewer devices have a last page that is less deep.
            let Some(next) = next else { break };
            page = next.split_once(&asked.host).ok_or("a next link to another host")?.1.to_owned();
        }
        asked.deep_page = page;
        Ok(Arc::new(asked))
    }

    fn pairs(self: &Arc<Self>) -> Vec<Pair> {
        let get = |query: &str| -> Requests {
            let (asked, path) = (Arc::clone(self), format!("{DEVICES}?$limit={PAGE}{query}"));
            Arc::new(move |out| write_get(out, &path, &asked.host))
        };
        let deep = Arc::clone(self);
        let deep: Requests = Arc::new(move |out| write_get(out, &deep.deep_page, &deep.host));
        let read = |name, second, bound| Pair {
            name,
            connections: 16,
            first: get("&$count=false"),
            second,
            rows: 1.0,
            bound,
        };
        let mut pairs = vec![
            read("page 2,000 by cursor against page 1", deep, Bound::AtMost(1.3)),
            read(
                "filter and order by one index against the plain list",
                get("&$count=false&$filter=serialNumber=%22SN-00004*%22&$orderBy=serialNumber"),
                Bound::AtMost(3.0),
            ),
            read(
                "filter of 1 in 11, ordered by another index against the plain list",
                get("&$count=false&$filter=volume%3D7&$orderBy=displayName"),
                Bound::AtMost(3.0),
            ),
            read(
                "filter of 1 in 97, ordered by another index against the plain list",
                get("&$count=false&$filter=owner=%22owner-7%22&$orderBy=displayName"),
                Bound::Told,
            ),
            read(
                "filter of 1 in 97 against the plain list",
                get("&$count=false&$filter=owner=%22owner-7%22"),
                Bound::Told,
            ),
            read(
                "search of a rare word against the plain list",
                get("&$count=false&$search=000004"),
                Bound::AtMost(3.0),
            ),
            read(
                "search of two words, one of them common, against the plain list",
                get("&$count=false&$search=device%20000004"),
                Bound::Told,
            ),
            read(
                "search of a word that every device has against the plain list",
                get("&$count=false&$search=device"),
                Bound::Told,
            ),
            read("count against none", get(""), Bound::AtMost(1.25)),
            read("count of a filter against the plain list", get("&$filter=volume%3D7"), Bound::Told),
            read("list across parents against the plain list", self.across(), Bound::Told),
            read(
                "selection of two fields against the plain list",
                get("&$count=false&$select=displayName,volume"),
                Bound::Told,
            ),
        ];
        for (connections, least) in [(32, 1.5), (1, 5.0)] {
            let (one, many) = (Arc::clone(self), Arc::clone(self));
            pairs.push(Pair {
                name: "batchCreate of 100 against single creates",
                connections,
                first: Arc::new(move |out| one.write_create(out)),
                second: Arc::new(move |out| many.write_batch(out)),
                rows: BATCH as f64,
                bound: Bound::AtLeast(least),
            });
        }
        pairs
    }

    fn across(self: &Arc<Self>) -> Requests {
        let (asked, path) =
            (Arc::clone(self), format!("/api/v1/device-types/-/devices?$limit={PAGE}&$count=false"));
        Arc::new(move |out| write_get(out, &path, &asked.host))
    }

    fn device(number: u64) -> String {
        format!(
            r#"{{"displayName":"Device {}","owner":"owner-{}","serialNumber":"SN-{number:08}","volume":{},"enabled":true,"tags":["bench"]}}"#,
            number.wrapping_mul(48_271) % 1_000_003,
            number % 97,
            number % 11
        )
    }

    fn write_create(&self, out: &mut Vec<u8>) {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        write_body(
            out,
            format_args!("POST {DEVICES}"),
            &self.host,
            "application/json",
            number,
            &Self::device(number),
        );
    }

    fn write_batch(&self, out: &mut Vec<u8>) {
        let first = self.next.fetch_add(BATCH, Ordering::Relaxed);
        let items: Vec<String> = (first..first + BATCH).map(Self::device).collect();
        let body = format!(r#"{{"items":[{}]}}"#, items.join(","));
        write_body(
            out,
            format_args!("POST {DEVICES}:batchCreate"),
            &self.host,
            "application/json",
            first,
            &body,
        );
    }
}
