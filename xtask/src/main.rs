//! The project's tasks: `cargo xtask test` checks everything, the others measure or rewrite expected output.
//!
//! A task is a list of programs to run. Nothing here goes through a shell, so that tasks run alike on every system.

mod bench;
mod bench_compile;
mod bench_document;
mod bless;
mod browser;
mod clients;
mod document;
mod packages;
mod registry;
mod test;
mod torture;

use std::{ffi::OsString, process::ExitCode};

use clap::Parser;
use xtask::postgres;

/// The tasks of the rest-standard workspace.
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask")]
enum Task {
    /// Checks everything: formatting, lints, tests, doc tests, documentation, features, licences
    #[command(visible_alias = "ci")]
    Test {
        /// Run the long proofs too
        #[arg(long)]
        all: bool,
        /// Leave out the tests that need a Postgres server
        #[arg(long)]
        without_postgres: bool,
        #[command(flatten)]
        only: test::Only,
    },
    /// Runs a Postgres server for tests until it is ended, and prints the line that lets tests find it
    Postgres,
    /// Measures a running service; the arguments go to the benches as they are
    Bench {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<OsString>,
    },
    /// Kills services and databases under load, and proves what became of every write
    Torture {
        /// How long on each store
        #[arg(long, default_value_t = 5)]
        minutes: u64,
        /// The stores, `sqlite` or `postgres`, unless it is both
        #[arg(long)]
        on: Vec<String>,
        /// The arguments of the program behind `run`, as they are: `--clients`, `--seed`, `--plant`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<OsString>,
    },
    /// Measures what one more resource costs the compiler
    BenchCompile {
        /// How often each crate is built; the median counts
        #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(3..))]
        repeats: u16,
    },
    /// Measures how soon a service answers, and what its document and its page cost
    BenchDocument,
    /// Runs the tests of wrong declarations
    Ui {
        /// Write what the compiler says now as what is expected
        #[arg(long)]
        bless: bool,
    },
    /// Runs the tests of the macros' output
    Snapshots {
        /// Write what the macros emit now as what is expected
        #[arg(long)]
        bless: bool,
    },
}

fn main() -> ExitCode {
    let done = match Task::parse() {
        Task::Test { all, without_postgres, only } => test::run(all, without_postgres, only),
        Task::Postgres => postgres::serve(),
        Task::Bench { args } => bench::run(&args),
        Task::Torture { minutes, on, args } => torture::on_each(minutes, &on, &args),
        Task::BenchCompile { repeats } => bench_compile::run(repeats),
        Task::BenchDocument => bench_document::measure(),
        Task::Ui { bless } => bless::ui(bless),
        Task::Snapshots { bless } => bless::snapshots(bless),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("error: {reason}");
            ExitCode::FAILURE
        }
    }
}
