//! Puts the USB ID list into a running device registry, through its HTTP API.
//!
//! Vendors become device types, products become devices. Every request's id is made from its content, so the program can
//! be killed and run again, as can the service: what is there in the end is what one undisturbed run would have left.
//! `--mode` says how they are sent, `--compare` how long each way takes.

mod client;
mod entry;
mod import;
mod progress;
mod request;
mod usb_ids;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp};
use rest_standard::clap::{self, Parser};

use crate::{
    client::Client,
    entry::{device_types, devices, devices_of_one_type},
    import::{Tally, import},
    progress::Progress,
    request::{Mode, parcels},
    usb_ids::List,
};

/// Where the list lies when Debian's package `usb.ids` is installed.
const LISTS: [&str; 2] = ["/usr/share/misc/usb.ids", "/var/lib/usbutils/usb.ids"];

/// Puts the USB ID list into a running device registry
#[derive(Debug, Parser)]
#[command(name = "import-usb-ids")]
struct Options {
    /// The list; without it, the one of Debian's package `usb.ids`
    list: Option<PathBuf>,
    /// The root of the registry's API
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080/api/v1", value_parser = client::parse_url)]
    url: (String, String),
    /// How many requests are in flight at a time
    #[arg(long, value_name = "REQUESTS", default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..=1024))]
    concurrency: u16,
    /// For how long a request is sent again when the service does not answer
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = duration)]
    wait: Duration,
    /// How they are sent
    #[arg(long, value_name = "MODE", value_enum, default_value_t = Mode::Single)]
    mode: Mode,
    /// Sends all devices in each mode, to a new device type each, and prints how the modes compare; the types stay
    #[arg(long, conflicts_with = "mode")]
    compare: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    match run(options).await {
        Ok(code) => code,
        Err(message) => {
            eprintln!("import-usb-ids: {message}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> Result<ExitCode, String> {
    let list = usb_ids::parse(&read(options.list.as_deref())?);
    for unread in &list.unread {
        eprintln!("line {}: left out: {}", unread.line, unread.reason);
    }
    let (origin, root) = options.url;
    let concurrency = usize::from(options.concurrency);
    let client = Client::new(origin, concurrency, options.wait);
    if options.compare {
        return compare(&client, &root, &list, concurrency).await;
    }
    let (device_types, devices) = (device_types(&root, &list), devices(&root, &list));
    let total = device_types.len() + devices.len();
    eprintln!("{} vendors, as device types, and {} products, as devices", device_types.len(), devices.len());
    let cut = device_types.iter().chain(&devices).filter(|entry| entry.is_cut).count();
    let tally = Arc::new(Tally::default());
    let progress = Arc::new(Progress::new(total));
    let start = Instant::now();
    // A device needs its type, so all types come first.
    for entries in [device_types, devices] {
        import(&client, parcels(options.mode, entries), concurrency, &tally, &progress).await;
    }
    progress.end();
    report(&tally, total, cut, start.elapsed());
    let is_complete = tally.done() == total && tally.failed.load(Ordering::Relaxed) == 0;
    Ok(if is_complete { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Sends the devices in each mode, to a device type that nothing else is in.
async fn compare(client: &Client, root: &str, list: &List, concurrency: usize) -> Result<ExitCode, String> {
    let run = Timestamp::now().as_microsecond();
    let (mut single, mut is_complete) = (None, true);
    for mode in Mode::ALL {
        let (device_type, devices) = devices_of_one_type(root, list, &format!("{}-{run}", mode.name()));
        let total = devices.len();
        let tally = Arc::new(Tally::default());
        let silent = Arc::new(Progress::new(1));
        import(client, parcels(Mode::Single, vec![device_type]), 1, &tally, &silent).await;
        silent.end();
        let progress = Arc::new(Progress::new(total));
        let start = Instant::now();
        import(client, parcels(mode, devices), concurrency, &tally, &progress).await;
        let seconds = start.elapsed().as_secs_f64();
        progress.end();
        tally.failures().iter().for_each(|failure| eprintln!("{failure}"));
        let created = tally.created.load(Ordering::Relaxed);
        is_complete &= created == total + 1;
        let rate = total as f64 / seconds.max(0.001);
        let ratio = rate / *single.get_or_insert(rate);
        println!(
            "{:>6}: {total} rows in {seconds:.1} s: {rate:.0} rows per second, {ratio:.1} times single creates",
            mode.name()
        );
    }
    Ok(if is_complete { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn read(given: Option<&Path>) -> Result<Vec<u8>, String> {
    let path = match given {
        Some(path) => path,
        None => LISTS.iter().map(Path::new).find(|path| path.exists()).ok_or_else(|| {
            format!(
                "there is no list at {}; install Debian's package `usb.ids`, or name a file",
                LISTS.join(" or ")
            )
        })?,
    };
    std::fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()))
}

fn report(tally: &Tally, total: usize, cut: usize, elapsed: Duration) {
    let failures = tally.failures();
    for failure in &failures {
        eprintln!("{failure}");
    }
    let count = |count: &std::sync::atomic::AtomicUsize| count.load(Ordering::Relaxed);
    let failed = count(&tally.failed);
    if failed > failures.len() {
        eprintln!("and {} more", failed - failures.len());
    }
    if tally.has_given_up() {
        eprintln!("the service does not answer; run this again, and it goes on where it was");
    }
    let done = tally.done();
    println!(
        "created {}, replayed {}, already there {}, failed {failed}, not sent {} in {:.1} s: {:.0} rows per second; {cut} names cut at 64 characters",
        count(&tally.created),
        count(&tally.replayed),
        count(&tally.already_there),
        total - done,
        elapsed.as_secs_f64(),
        done as f64 / elapsed.as_secs_f64().max(0.001),
    );
}

fn duration(text: &str) -> Result<Duration, String> {
    let parsed: Result<SignedDuration, _> = text.parse();
    let duration = parsed.ok().and_then(|duration| Duration::try_from(duration).ok());
    duration.ok_or_else(|| "expected a time with its unit, such as `60s` or `2m`".to_owned())
}
