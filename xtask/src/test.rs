//! `cargo xtask test`: all checks, in the order in which a mistake shows soonest.
//!
//! The run stops at the first check that fails. It ends with the seconds of each check, the test runners' own summary
//! lines and, last of all, what was not checked because a tool is missing.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use crate::{
    browser,
    command::{Result, cargo, is_installed, line, root, run_and_keep},
};

/// Runs all checks; `all` adds the long proofs.
pub(crate) fn run(all: bool) -> Result {
    let mut report = Report::default();
    let outcome = checks(all, &mut report);
    report.print();
    outcome
}

/// Runs the tests in a browser alone; that they cannot run is then a failure.
pub(crate) fn run_browser() -> Result {
    let mut report = Report::default();
    let outcome = match browser::missing() {
        Some(reason) => Err(format!("the tests in a browser cannot run: {reason}")),
        None => browser::checks(&mut report),
    };
    report.print();
    outcome
}

fn checks(all: bool, report: &mut Report) -> Result {
    report.step("formatting", &mut cargo(["fmt", "--all", "--check"]))?;
    if is_installed(Command::new("typos")) {
        report.step("spelling", Command::new("typos").current_dir(root()))?;
    } else {
        report.skip("spelling: `typos` is not installed; `cargo install --locked typos-cli`");
    }
    report.step("lints", &mut lints(["--workspace", "--all-targets"]))?;
    // The same checks as above, so that what only the default features use is found to be unused.
    report
        .step("lints without features", &mut lints(["--package=rest-standard", "--no-default-features"]))?;
    report.step(
        "lints of the registry without SQLite",
        &mut lints(["--package=device-registry", "--no-default-features"]),
    )?;
    report.step("tests", &mut tests(all, report.has_nextest()))?;
    report.step("doc tests", &mut long(all, cargo(["test", "--workspace", "--doc"])))?;
    match browser::missing() {
        Some(reason) => report.skip(reason),
        None => browser::checks(report)?,
    }
    let mut documentation = cargo(["doc", "--workspace", "--no-deps"]);
    report.step("documentation", documentation.env("RUSTDOCFLAGS", "-D warnings"))?;
    if is_installed(cargo(["deny"])) {
        report.step(
            "licences and sources",
            &mut cargo(["deny", "--workspace", "check", "bans", "licenses", "sources"]),
        )?;
    } else {
        report.skip("licences and sources: cargo-deny is not installed; `cargo install --locked cargo-deny`");
    }
    Ok(())
}

fn lints<const N: usize>(of: [&str; N]) -> Command {
    let mut clippy = cargo(["clippy"]);
    clippy.args(of).args(["--", "-D", "warnings"]);
    clippy
}

fn tests(all: bool, nextest: bool) -> Command {
    let tests = match (nextest, all) {
        (true, true) => cargo(["nextest", "run", "--workspace", "--profile", "long"]),
        (true, false) => cargo(["nextest", "run", "--workspace"]),
        (false, _) => cargo(["test", "--workspace", "--all-targets"]),
    };
    long(all, tests)
}

/// The tests read this variable and then take more rounds, steps and threads.
fn long(all: bool, mut tests: Command) -> Command {
    if all {
        tests.env("REST_STANDARD_LONG", "1");
    }
    tests
}

/// What a run says at its end.
#[derive(Default)]
pub(crate) struct Report {
    steps: Vec<(&'static str, Duration)>,
    summaries: Vec<String>,
    skipped: Vec<&'static str>,
}

impl Report {
    /// Runs one check.
    pub(crate) fn step(&mut self, name: &'static str, command: &mut Command) -> Result {
        println!("\n==> {name}: {}", line(command));
        let start = Instant::now();
        let outcome = run_and_keep(command, is_summary, &mut self.summaries);
        let took = start.elapsed();
        println!("    {name}: {:.1} s", took.as_secs_f64());
        self.steps.push((name, took));
        outcome
    }

    fn skip(&mut self, what: &'static str) {
        println!("\n==> NOT RUN: {what}");
        self.skipped.push(what);
    }

    fn has_nextest(&self) -> bool {
        let found = is_installed(cargo(["nextest"]));
        if !found {
            println!(
                "\ncargo-nextest is not installed; the tests run with `cargo test`, one binary after the other"
            );
        }
        found
    }

    fn print(&self) {
        println!();
        for (name, took) in &self.steps {
            println!("{:>8.1} s  {name}", took.as_secs_f64());
        }
        let total: Duration = self.steps.iter().map(|(_, took)| *took).sum();
        println!("{:>8.1} s  in all\n", total.as_secs_f64());
        for summary in &self.summaries {
            println!("{summary}");
        }
        for what in &self.skipped {
            println!("NOT RUN: {what}");
        }
    }
}

/// Whether the line is the sum that nextest, libtest or Node's runner prints; a binary without tests is left out.
fn is_summary(line: &str) -> bool {
    let nextest = line.contains("Summary") && line.contains(" run: ");
    let node = line.starts_with("# pass ") || line.starts_with("# fail ");
    nextest || node || line.contains("test result: ") && !line.contains(" 0 passed; 0 failed;")
}

#[cfg(test)]
mod tests {
    use super::is_summary;

    #[test]
    fn both_runners_summaries_are_recognised() {
        assert!(is_summary("     Summary [   0.010s] 3 tests run: 3 passed, 0 skipped\n"));
        assert!(is_summary("test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n"));
        assert!(is_summary(
            "test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out\n"
        ));
        assert!(!is_summary("test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n"));
        assert!(!is_summary("        PASS [   0.010s] xtask tests::summary\n"));
    }
}
