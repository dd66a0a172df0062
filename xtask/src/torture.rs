//! Torture: the release build of the program, once for each store.

use std::ffi::OsString;

use xtask::command::{Result, cargo, run};

fn run_on(store: &str, minutes: u64, args: &[OsString]) -> Result {
    let mut torture =
        cargo(["run", "--release", "--quiet", "--package", "torture", "--", "run", "--on", store]);
    torture.arg("--seconds").arg((minutes * 60).to_string()).args(args);
    run(&mut torture)
}

/// Tortures each of the stores, also where the one before it failed.
pub(crate) fn on_each(minutes: u64, on: &[String], args: &[OsString]) -> Result {
    let all = ["sqlite".to_owned(), "postgres".to_owned()];
    let stores = if on.is_empty() { &all[..] } else { on };
    let outcomes: Vec<Result> = stores.iter().map(|store| run_on(store, minutes, args)).collect();
    outcomes.into_iter().collect()
}
