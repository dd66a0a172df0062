//! `cargo xtask test`: all checks, in the order in which a mistake shows soonest.
//!
//! The run stops at the first check that fails. It ends with the seconds of each check, the test runners' own summary
//! lines and, last of all, what was not checked because a tool is missing.

use std::{
    process::Command,
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use crate::{browser, clients, document};
use xtask::{
    command::{Result, cargo, is_installed, line, root, run_and_keep, run_quietly},
    postgres::{self, Cluster},
};

/// Runs all checks; `all` adds the long proofs, and any of `only` leaves out everything else.
pub(crate) fn run(all: bool, without_postgres: bool, only: Only) -> Result {
    let mut report = Report::new();
    let outcome = if only.is_any() {
        chosen(all, only, &mut report)
    } else {
        checks(all, without_postgres, &mut report)
    };
    report.print();
    outcome
}

/// The checks that can be run alone.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct Only {
    /// Run the proofs of the OpenAPI document alone
    #[arg(long)]
    document: bool,
    /// Run the generated clients alone
    #[arg(long)]
    clients: bool,
    /// Run the tests in a browser alone
    #[arg(long)]
    browser: bool,
}

impl Only {
    fn is_any(self) -> bool {
        self.document || self.clients || self.browser
    }
}

fn chosen(all: bool, only: Only, report: &mut Report) -> Result {
    if only.document {
        document::check(report, all, true)?;
    }
    if only.clients {
        let client = clients::begin_rust(report, true)?;
        clients::check(report, client, true)?;
    }
    if only.browser {
        browser::check(report, true)?;
    }
    Ok(())
}

fn checks(all: bool, without_postgres: bool, report: &mut Report) -> Result {
    report.step("formatting", &mut cargo(["fmt", "--all", "--check"]))?;
    if is_installed(Command::new("typos")) {
        report.step("spelling", Command::new("typos").current_dir(root()))?;
    } else {
        report.skip("spelling: `typos` is not installed; `cargo install --locked typos-cli`");
    }
    report.step("lints", &mut lints(["--workspace", "--all-targets"]))?;
    report.step(
        "lints with Postgres alone",
        &mut lints(["--package=rest-standard", "--no-default-features", "--features=postgres"]),
    )?;
    // The same checks as above, so that what only the default features use is found to be unused.
    report
        .step("lints without features", &mut lints(["--package=rest-standard", "--no-default-features"]))?;
    report.step(
        "lints of the registry without SQLite",
        &mut lints(["--package=device-registry", "--no-default-features"]),
    )?;
    tests(all, without_postgres, report)?;
    report.step("doc tests", &mut long(all, cargo(["test", "--workspace", "--doc"])))?;
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
    // It is the compiler's work, and what follows waits most of the time.
    let client = clients::begin_rust(report, false)?;
    browser::check(report, false)?;
    document::check(report, all, false)?;
    clients::check(report, client, false)
}

fn lints<const N: usize>(of: [&str; N]) -> Command {
    let mut clippy = cargo(["clippy"]);
    clippy.args(of).args(["--", "-D", "warnings"]);
    clippy
}

/// Runs the tests, those of Postgres against a cluster of this run's own.
fn tests(all: bool, without_postgres: bool, report: &mut Report) -> Result {
    let nextest = report.has_nextest();
    let mut tests = command_of_tests(all, nextest);
    if without_postgres {
        if nextest {
            tests.args(["-E", "not test(postgres)"]);
        } else {
            tests.args(["--", "--skip", "postgres"]);
        }
        tests.env(postgres::VARIABLE, "none");
        report.skip("the tests of the Postgres store: `--without-postgres`");
        return report.step("tests", &mut tests);
    }
    let start = Instant::now();
    let cluster = Cluster::start()?;
    report.installs += start.elapsed();
    report.step("tests", tests.env(postgres::VARIABLE, cluster.url()))
}

fn command_of_tests(all: bool, nextest: bool) -> Command {
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

/// A check that runs beside others.
pub(crate) struct Begun {
    name: &'static str,
    line: String,
    start: Instant,
    run: JoinHandle<(String, Result, Duration)>,
}

/// What a run says at its end.
#[derive(Debug)]
pub(crate) struct Report {
    start: Instant,
    steps: Vec<(&'static str, Duration)>,
    installs: Duration,
    summaries: Vec<String>,
    skipped: Vec<String>,
}

impl Report {
    fn new() -> Self {
        Self {
            start: Instant::now(),
            steps: Vec::new(),
            installs: Duration::ZERO,
            summaries: Vec::new(),
            skipped: Vec::new(),
        }
    }

    /// Begins a check that others need not wait for; what it prints is shown when it is awaited.
    pub(crate) fn begin(&self, name: &'static str, command: Command) -> Begun {
        let (line, start) = (line(&command), Instant::now());
        println!("\n==> {name}, beside what follows: {line}");
        let run = thread::spawn(move || {
            let (printed, outcome) = run_quietly(command);
            (printed, outcome, start.elapsed())
        });
        Begun { name, line, start, run }
    }

    /// Waits for a check that was begun.
    pub(crate) fn end(&mut self, begun: Begun) -> Result {
        let Begun { name, line, start, run } = begun;
        println!("\n==> {name}: {line}");
        let lost = |_| (String::new(), Err(format!("the thread of `{name}` panicked")), start.elapsed());
        let (printed, outcome, took) = run.join().unwrap_or_else(lost);
        print!("{printed}");
        println!("    {name}: {:.1} s", took.as_secs_f64());
        self.steps.push((name, took));
        self.summaries
            .extend(printed.lines().filter(|line| is_summary(line)).map(|line| line.trim().to_owned()));
        outcome
    }

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

    fn skip(&mut self, what: impl Into<String>) {
        let what = what.into();
        println!("\n==> NOT RUN: {what}");
        self.skipped.push(what);
    }

    /// Installs what a check needs, and says whether it can be run. Where the check is `wanted`, it must be.
    pub(crate) fn install(
        &mut self,
        name: &'static str,
        wanted: bool,
        install: impl FnOnce() -> Result,
    ) -> Result<bool> {
        println!("\n==> {name}: installs what it needs");
        let start = Instant::now();
        let outcome = install();
        self.installs += start.elapsed();
        match outcome {
            Ok(()) => Ok(true),
            Err(reason) if wanted => Err(reason),
            Err(reason) => {
                self.skip(format!("{name}: {reason}"));
                Ok(false)
            }
        }
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
        if !self.installs.is_zero() {
            println!("{:>8.1} s  packages installed", self.installs.as_secs_f64());
        }
        // Some checks ran beside others.
        println!("{:>8.1} s  in all\n", self.start.elapsed().as_secs_f64());
        for summary in &self.summaries {
            println!("{summary}");
        }
        for what in &self.skipped {
            println!("NOT RUN: {what}");
        }
    }
}

/// Whether the line is the sum that nextest, libtest, Node's runner or schemathesis prints; a binary without tests is left out.
fn is_summary(line: &str) -> bool {
    if line.contains(" generated, ") && line.contains(" passed") {
        return true;
    }
    let nextest = line.contains("Summary") && line.contains(" run: ");
    let node = line.starts_with("# pass ") || line.starts_with("# fail ");
    nextest || node || line.contains("test result: ") && !line.contains(" 0 passed; 0 failed;")
}

#[cfg(test)]
mod tests {
    use super::is_summary;

    #[test]
    fn the_runners_summaries_are_recognised() {
        assert!(is_summary("     Summary [   0.010s] 3 tests run: 3 passed, 0 skipped\n"));
        assert!(is_summary("test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n"));
        assert!(is_summary(
            "test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out\n"
        ));
        assert!(is_summary("  6287 generated, 6287 passed\n"));
        assert!(!is_summary("test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n"));
        assert!(!is_summary("        PASS [   0.010s] xtask tests::summary\n"));
    }
}
