//! Compares a rest-standard service with what its user would otherwise write, and with itself.
//!
//! ```text
//! cargo run --release -p rest-standard-benches                      # about eight minutes
//! cargo run --release -p rest-standard-benches -- --quick           # under a minute
//! cargo run --release -p rest-standard-benches -- ratios            # the service with itself, about five minutes
//! cargo run --release -p rest-standard-benches -- scale             # a million rows against ten thousand, about ten minutes
//! cargo run --release -p rest-standard-benches -- writers           # lists beside writers, about a minute
//! cargo run --release -p rest-standard-benches -- replicas --database postgres://postgres@127.0.0.1:5432
//!                                                                   # two processes against one, about two minutes
//! cargo run --release -p rest-standard-benches -- pruning           # creates while old rows go, about eight minutes
//! cargo run --release -p rest-standard-benches -- --only peer,constant --scenario point-read
//! ```
//!
//! Three servers answer the same requests: `peer`, a hand-written axum and rusqlite service; `ours`, the same resource
//! declared with rest-standard; `constant`, which only sends fixed bytes and so shows what HTTP alone costs here. Each
//! is a child process of this binary on a loopback port. Rounds alternate between them, and a ratio is taken within a
//! round, so that a slow minute of the machine hits all three alike. The table goes to stdout, progress to stderr.
//!
//! All of it also runs on Postgres: with `--database`, the URL of a server, each service has a new database there.

mod aged;
mod child;
mod compare;
mod constant;
mod devices;
mod export;
mod load;
mod ours;
mod peer;
mod place;
mod pruning;
mod ratios;
mod registry;
mod replicas;
mod scale;
mod scenario;
mod serve;
mod table;
mod writers;

use std::error::Error;

use clap::{Parser, Subcommand};

use crate::compare::CompareOptions;
use crate::pruning::PruningOptions;
use crate::ratios::RatioOptions;
use crate::replicas::ReplicasOptions;
use crate::scale::ScaleOptions;
use crate::serve::ServeOptions;
use crate::writers::WritersOptions;

/// A benchmark has no caller that could act on an error: its text is all that matters.
pub(crate) type Failure = Box<dyn Error + Send + Sync>;

/// Compares a rest-standard service with a hand-written one.
#[derive(Debug, Parser)]
#[command(args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    other: Option<Other>,
    #[command(flatten)]
    compare: CompareOptions,
}

/// What else there is to measure, and each server as the measurements start it, which is also handy under a profiler.
#[derive(Debug, Subcommand)]
enum Other {
    /// Compares requests of one service with each other: deep pages, filters, counts, batches.
    Ratios(RatioOptions),
    /// Compares requests of a registry of a million devices with those of one of ten thousand.
    Scale(ScaleOptions),
    /// Shows what lists cost those who create meanwhile, counted and uncounted.
    Writers(WritersOptions),
    /// Compares two server processes on one Postgres database with one.
    Replicas(ReplicasOptions),
    /// Compares creates while old request ids and changes are taken away with creates at other times.
    Pruning(PruningOptions),
    #[command(flatten)]
    Serve(Serve),
}

/// A server, which ends when its stdin closes.
#[derive(Debug, Subcommand)]
enum Serve {
    /// Serves the hand-written service until stdin closes.
    #[command(name = "serve-peer")]
    Peer(ServeOptions),
    /// Serves the rest-standard service until stdin closes.
    #[command(name = "serve-ours")]
    Ours(ServeOptions),
    /// Serves fixed bytes until stdin closes.
    #[command(name = "serve-constant")]
    Constant(ServeOptions),
    /// Serves the device registry until stdin closes.
    #[command(name = "serve-devices")]
    Devices(ServeOptions),
    /// Serves a service with much that is old until stdin closes.
    #[command(name = "serve-aged")]
    Aged(ServeOptions),
}

fn main() -> Result<(), Failure> {
    let arguments = Arguments::parse();
    // All cores: one thread alone cannot ask fast enough to keep the constant server busy.
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match arguments.other {
        None => runtime.block_on(compare::compare(&arguments.compare)),
        Some(Other::Ratios(options)) => runtime.block_on(ratios::measure(&options)),
        Some(Other::Scale(options)) => runtime.block_on(scale::measure(&options)),
        Some(Other::Writers(options)) => runtime.block_on(writers::measure(&options)),
        Some(Other::Replicas(options)) => runtime.block_on(replicas::measure(&options)),
        Some(Other::Pruning(options)) => runtime.block_on(pruning::measure(&options)),
        Some(Other::Serve(server)) => runtime.block_on(start(server)),
    }
}

async fn start(server: Serve) -> Result<(), Failure> {
    let lines = serve::listen_to_parent();
    match server {
        Serve::Peer(options) => peer::serve(&options).await,
        Serve::Ours(options) => ours::serve(&options).await,
        Serve::Constant(_) => constant::serve().await,
        Serve::Devices(options) => devices::serve(&options).await,
        Serve::Aged(options) => aged::serve(&options, lines).await,
    }
}
