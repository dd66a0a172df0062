//! Kills what keeps data while clients write, and proves what became of every write.
//!
//! `run` starts replicas of a small bank on SQLite or on a Postgres with a standby. Clients move money, count, and make and
//! delete entries, each write under a request id that is sent again until its answer is definite; meanwhile processes are
//! killed and paused, primaries lost, disks filled and answers cut. Then everything that clients were told is compared
//! with what they saw and with what is left. `serve` is the bank itself.

mod bank;
mod chaos;
mod check;
mod client;
mod history;
mod pair;
mod plant;
mod replica;
mod work;

use std::{
    process::ExitCode,
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use clap::Parser;
use rest_standard::{
    error::Result as Served,
    store::{
        Store,
        postgres::{PostgresOptions, PostgresStore},
        sqlite::{SqliteOptions, SqliteStore},
    },
};
use rest_standard_conformance::Layered;

use crate::{
    chaos::{Disk, Fault, Targets},
    check::{INVARIANTS, Left},
    client::{Client, Tally},
    pair::Pair,
    plant::{Bug, Plant},
    replica::{Plan, Replica},
    work::Shared,
};

/// The variables by which a replica learns of its bug, and of the database that it then has no flag for.
pub(crate) const PLANT: &str = "TORTURE_PLANT";
pub(crate) const PLANT_DATABASE: &str = "TORTURE_PLANT_DATABASE";

/// Where the bank keeps its resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum On {
    /// One process on an SQLite file.
    Sqlite,
    /// Three replicas on a Postgres with a synchronous standby.
    Postgres,
}

/// Tortures a service, and proves what became of every write.
#[derive(Debug, Parser)]
#[command(bin_name = "torture")]
enum Task {
    /// Runs clients and faults, and checks what is left; ends with 1 where an invariant is violated
    Run(Run),
}

#[derive(Debug, clap::Args)]
struct Run {
    /// Where the service keeps its resources
    #[arg(long, value_enum)]
    on: On,
    /// How long clients write
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// How many clients write at once
    #[arg(long, default_value_t = 16)]
    clients: u64,
    /// What chance begins with; the same seed gives the same order of faults
    #[arg(long)]
    seed: Option<u64>,
    /// What goes wrong, several separated by commas; everything unless this is given
    #[arg(long, value_enum, value_delimiter = ',')]
    faults: Vec<Fault>,
    /// A bug that the store has
    #[arg(long, value_enum)]
    plant: Option<Bug>,
}

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.to_string()),
    };
    if std::env::args().nth(1).as_deref() == Some("serve") {
        return match runtime.block_on(serve()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => failed(&error.to_string()),
        };
    }
    let Task::Run(run) = Task::parse();
    match runtime.block_on(torture(&run)) {
        Ok(faults) if faults.is_empty() => ExitCode::SUCCESS,
        Ok(faults) => {
            for fault in faults {
                println!("VIOLATED {fault}");
            }
            ExitCode::FAILURE
        }
        Err(reason) => failed(&reason),
    }
}

fn failed(reason: &str) -> ExitCode {
    eprintln!("error: {reason}");
    ExitCode::from(2)
}

/// The bank, with a bug in its store where the environment names one.
async fn serve() -> Served<()> {
    let service = bank::service();
    let Ok(bug) = std::env::var(PLANT) else { return service.run().await };
    let bug =
        <Bug as clap::ValueEnum>::from_str(&bug, false).map_err(rest_standard::error::Error::internal)?;
    let database = std::env::var(PLANT_DATABASE).unwrap_or_default();
    let store: Arc<dyn Store> = match database.strip_prefix("sqlite:") {
        Some(path) => Arc::new(SqliteStore::open(SqliteOptions::new(path), "torture")?),
        None => {
            let options: PostgresOptions =
                database.parse().map_err(|reason: String| rest_standard::error::Error::internal(reason))?;
            Arc::new(PostgresStore::new(options, "torture")?)
        }
    };
    service.store(Arc::new(Layered::new(Plant::new(bug), store))).run().await
}

async fn torture(run: &Run) -> Result<Vec<String>, String> {
    let seed = run.seed.unwrap_or_else(|| fastrand::u64(..1_000_000));
    let mut random = fastrand::Rng::with_seed(seed);
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let mut left_out = Vec::new();
    let (pair, disk, database) = match run.on {
        On::Postgres => {
            let pair = Pair::start().await?;
            let url = pair.url();
            (Some(pair), None, url)
        }
        On::Sqlite => {
            let data = folder.path().join("disk");
            let disk = Disk::mount(&data);
            if let Err(reason) = &disk {
                left_out.push(format!("full disks, since no file system could be mounted: {reason}"));
            }
            std::fs::create_dir_all(&data).map_err(|error| error.to_string())?;
            (None, disk.ok(), format!("sqlite:{}", data.join("bank.db").display()))
        }
    };
    let mut replicas = Vec::new();
    for number in 0..if run.on == On::Postgres { 3 } else { 1 } {
        let plan = Plan {
            port: xtask::postgres::free_port()?,
            database: database.clone(),
            bug: run.plant.map(|bug| bug.to_string()),
            log: folder.path().join(format!("replica-{number}.log")),
        };
        replicas.push((plan.port, Replica::start(plan).await?));
    }
    let ports: Arc<[u16]> = replicas.iter().map(|(port, _)| *port).collect();
    let (tally, shared) = (Arc::new(Tally::default()), Arc::new(Shared::new()));
    let workers: Vec<_> = (0..run.clients)
        .map(|number| Client::new(ports.clone(), seed ^ (number + 1) << 32, tally.clone()))
        .map(|client| tokio::spawn(work::work(client, shared.clone())))
        .collect();
    let mut targets = Targets {
        replicas: replicas.into_iter().map(|(_, replica)| replica).collect(),
        pair,
        disk,
        only: run.faults.clone(),
    };
    let end = Instant::now() + Duration::from_secs(run.seconds);
    let happened = targets.torture(&mut random, end).await;
    shared.is_over.store(true, Ordering::Relaxed);
    let happened = happened?;
    let mut events = Vec::new();
    for worker in workers {
        events.extend(worker.await.map_err(|error| error.to_string())?);
    }
    let mut client = Client::careful(ports, tally.clone());
    let left = Left::read(&mut client).await?;
    let faults = check::check(&events, &left);

    let name = if run.on == On::Postgres { "postgres with a standby" } else { "sqlite" };
    println!("{name}, {} s, {} clients, seed {seed}", run.seconds, run.clients);
    for (fault, count) in &happened {
        println!("  {count:>8} {fault}");
    }
    let count = |of: &std::sync::atomic::AtomicU64| of.load(Ordering::Relaxed);
    println!("  {:>8} answers cut by clients", count(&tally.cut));
    println!(
        "  {:>8} requests, {} of them sent again, {} replayed",
        count(&tally.sent),
        count(&tally.again),
        count(&tally.replayed)
    );
    println!("  {:>8} confirmed writes", events.iter().filter(|event| event.what.is_write()).count());
    println!("  {:>8} observations", events.iter().filter(|event| !event.what.is_write()).count());
    for text in left_out {
        println!("  LEFT OUT: {text}");
    }
    for (invariant, meaning) in INVARIANTS {
        let is_violated = faults.iter().any(|fault| fault.starts_with(invariant));
        println!("  {} {invariant}: {meaning}", if is_violated { "VIOLATED" } else { "holds" });
    }
    Ok(faults)
}
