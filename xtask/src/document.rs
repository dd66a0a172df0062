//! The proofs of the OpenAPI document: it is valid, it keeps a public style guide's rules, and the service is what it says.

use std::process::Command;

use crate::{
    packages::Workbench,
    registry::{self, Running},
    test::Report,
};
use xtask::command::Result;

/// Where the tools and their settings are.
const FOLDER: &str = "tests/document";

/// Runs all proofs; `long` makes more requests, others each time. What is missing is reported, or refused where it is `wanted`.
pub(crate) fn check(report: &mut Report, long: bool, wanted: bool) -> Result {
    let bench = Workbench::new("document", FOLDER)?;
    let program = registry::build()?;
    let documents = ["3.1", "3.0"].map(|form| bench.path(&format!("openapi-{form}.json")));
    registry::write_document(&program, "3.1", &documents[0])?;
    registry::write_document(&program, "3.0", &documents[1])?;

    let name = "the document's rules";
    if report.install(name, wanted, || bench.install_node())? {
        let mut spectral = bench.node("node_modules/@stoplight/spectral-cli/dist/index.js");
        spectral.args(["lint", "--ruleset", "spectral.yaml", "--fail-severity", "hint"]);
        report.step(name, spectral.args(["openapi-3.1.json", "openapi-3.0.json"]))?;
    }
    let name = "validity of the document, and that the service keeps it";
    if report.install(name, wanted, || bench.install_python())? {
        report.step("the document's validity", bench.python("openapi-spec-validator").args(&documents))?;
        let store =
            tempfile::tempdir().map_err(|reason| format!("there is no temporary folder: {reason}"))?;
        let file = format!("sqlite:{}", store.path().join("registry.db").display());
        // Each takes one core.
        let in_memory = Running::start(&program, "memory")?;
        let beside = report.begin("the document kept, in memory", keeps(&bench, &in_memory, long));
        let on_file = Running::start(&program, &file)?;
        let outcome = report.step("the document kept, on SQLite", &mut keeps(&bench, &on_file, long));
        report.end(beside)?;
        outcome?;
    }
    Ok(())
}

/// Lets schemathesis call every operation of a running registry, with what the document allows and with what it does not.
fn keeps(bench: &Workbench, running: &Running, long: bool) -> Command {
    let mut requests: Command = bench.python("schemathesis");
    requests.args(["--config-file", "schemathesis.toml", "run", "--checks", "all"]);
    if long {
        // Ordinary runs make the same requests each time, long ones never; the seed is printed.
        requests.args(["--max-examples", "100", "--seed", &std::process::id().to_string()]);
    }
    requests.arg(running.url("/openapi.json"));
    requests
}
