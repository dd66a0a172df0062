//! Compares a rest-standard service with what its user would otherwise write.
//!
//! ```text
//! cargo run --release -p rest-standard-benches                      # about eight minutes
//! cargo run --release -p rest-standard-benches -- --quick           # under a minute
//! cargo run --release -p rest-standard-benches -- ratios            # the service with itself, about five minutes
//! cargo run --release -p rest-standard-benches -- --only peer,constant --scenario point-read
//! ```
//!
//! Three servers answer the same requests: `peer`, a hand-written axum and rusqlite service; `ours`, the same resource
//! declared with rest-standard; `constant`, which only sends fixed bytes and so shows what HTTP alone costs here. Each
//! is a child process of this binary on a loopback port. Rounds alternate between them, and a ratio is taken within a
//! round, so that a slow minute of the machine hits all three alike. The table goes to stdout, progress to stderr.

mod child;
mod compare;
mod constant;
mod devices;
mod export;
mod load;
mod ours;
mod peer;
mod ratios;
mod scenario;
mod serve;
mod table;

use std::error::Error;

use clap::{Parser, Subcommand};

use crate::compare::CompareOptions;
use crate::ratios::RatioOptions;
use crate::serve::ServeOptions;

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

/// What else there is to measure, and each server as the comparison starts it, which is also handy under a profiler.
#[derive(Debug, Subcommand)]
enum Other {
    /// Compares requests of one service with each other: deep pages, filters, counts, batches.
    Ratios(RatioOptions),
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
}

fn main() -> Result<(), Failure> {
    let arguments = Arguments::parse();
    // All cores: one thread alone cannot ask fast enough to keep the constant server busy.
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let server = match arguments.other {
        None => return runtime.block_on(compare::compare(&arguments.compare)),
        Some(Other::Ratios(options)) => return runtime.block_on(ratios::measure(&options)),
        Some(server) => server,
    };
    serve::stop_with_parent();
    match server {
        Other::Peer(options) => runtime.block_on(peer::serve(&options)),
        Other::Ours(options) => runtime.block_on(ours::serve(&options)),
        Other::Devices(options) => runtime.block_on(devices::serve(&options)),
        Other::Constant(_) | Other::Ratios(_) => runtime.block_on(constant::serve()),
    }
}
