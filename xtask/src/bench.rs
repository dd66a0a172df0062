//! `cargo xtask bench`: the benches in a release build.

use std::ffi::OsString;

use xtask::command::{self, Result, cargo};

/// Runs the benches with the author's arguments.
pub(crate) fn run(args: &[OsString]) -> Result {
    command::run(cargo(["run", "--release", "--package", "rest-standard-benches", "--"]).args(args))
}
