//! `cargo xtask ui` and `cargo xtask snapshots`: tests against expected output that lies in files.
//!
//! With `--bless` the files are written anew. The change is then read like any other before it is committed.

use xtask::command::{Result, cargo, run};

/// Runs the trybuild tests: each wrong declaration against its `.stderr` file; then the book's chapter, made of these.
pub(crate) fn ui(bless: bool) -> Result {
    let mut tests = cargo(["test", "--package", "rest-standard-ui"]);
    let mut chapter = cargo(["test", "--package", "rest-standard-tests", "--test", "catalogue"]);
    if bless {
        tests.env("TRYBUILD", "overwrite");
        chapter.env("BLESS", "1");
    }
    run(&mut tests)?;
    run(&mut chapter)
}

/// Runs the macro crate's tests: each declaration against the output kept for it.
pub(crate) fn snapshots(bless: bool) -> Result {
    let mut tests = cargo(["test", "--package", "rest-standard-macros"]);
    if bless {
        tests.env("BLESS", "1");
    }
    run(&mut tests)
}
