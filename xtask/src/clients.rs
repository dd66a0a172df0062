//! Clients that common generators make of the document, in three languages: each drives a running registry.

use std::{fs, path::PathBuf};

use crate::{
    packages::Workbench,
    registry::{self, Running},
    test::{Begun, Report},
};
use xtask::command::{Result, cargo, root, run, target};

/// The document in a form, as the generators read it.
fn document(form: &str) -> PathBuf {
    target().join("clients").join(format!("openapi-{form}.json"))
}

fn write_documents() -> Result<PathBuf> {
    let program = registry::build()?;
    let folder = target().join("clients");
    fs::create_dir_all(&folder).map_err(|reason| format!("{} cannot be made: {reason}", folder.display()))?;
    for form in ["3.1", "3.0"] {
        registry::write_document(&program, form, &document(form))?;
    }
    Ok(program)
}

/// Runs all clients; that in Rust once it is built. What is missing is reported, or refused where it is `wanted`.
pub(crate) fn check(report: &mut Report, client: Option<Begun>, wanted: bool) -> Result {
    let program = write_documents()?;
    let running = Running::start(&program, "memory")?;
    let entry_point = running.url("/api/v1");
    typescript(report, wanted, document("3.1"), &entry_point)?;
    python(report, wanted, document("3.0"), &entry_point)?;
    match client {
        Some(client) => rust(report, client, &entry_point),
        None => Ok(()),
    }
}

fn typescript(report: &mut Report, wanted: bool, document: PathBuf, entry_point: &str) -> Result {
    let name = "a client in TypeScript";
    let bench = Workbench::new("clients/typescript", "tests/clients/typescript")?;
    if !report.install(name, wanted, || bench.install_node())? {
        return Ok(());
    }
    let mut generator = bench.node("node_modules/openapi-typescript/bin/cli.js");
    // A member with a default may be left out of a body.
    generator.arg(document).args(["--default-non-nullable", "false", "--output", "registry.d.ts"]);
    report.step("a client in TypeScript, generated", &mut generator)?;
    let mut compiler = bench.node("node_modules/typescript/bin/tsc");
    report.step("a client in TypeScript, checked", compiler.args(["--outDir", "."]))?;
    report.step(name, bench.node("main.js").arg(entry_point))
}

fn python(report: &mut Report, wanted: bool, document: PathBuf, entry_point: &str) -> Result {
    let name = "a client in Python";
    let bench = Workbench::new("clients/python", "tests/clients/python")?;
    if !report.install(name, wanted, || bench.install_python())? {
        return Ok(());
    }
    let mut generator = bench.python("openapi-python-client");
    generator.args(["generate", "--overwrite", "--meta", "none", "--output-path", "registry", "--path"]);
    report.step("a client in Python, generated", generator.arg(document))?;
    report.step(
        "a client in Python, checked",
        bench.python("mypy").args(["--strict", "main.py", "registry"]),
    )?;
    report.step(name, bench.python("python").arg("main.py").arg(entry_point))
}

/// Begins to generate and build the client in Rust.
pub(crate) fn begin_rust(report: &mut Report, wanted: bool) -> Result<Option<Begun>> {
    write_documents()?;
    let manifest = root().join("tests/clients/rust/Cargo.toml");
    let fetch = || {
        let mut fetch = cargo(["fetch", "--locked", "--quiet", "--manifest-path"]);
        run(fetch.arg(&manifest))
            .map_err(|reason| format!("{reason}; does the registry of its packages answer?"))
    };
    if !report.install("a client in Rust", wanted, fetch)? {
        return Ok(None);
    }
    // A target folder of its own: other features of the same packages would have both workspaces built again and again.
    let mut build = cargo(["build", "--locked", "--manifest-path"]);
    build.arg(&manifest).arg("--target-dir").arg(target().join("clients/rust"));
    build.env("OPENAPI_DOCUMENT", document("3.0"));
    Ok(Some(report.begin("a client in Rust, generated and built", build)))
}

fn rust(report: &mut Report, client: Begun, entry_point: &str) -> Result {
    report.end(client)?;
    let program = format!("rest-standard-client{}", std::env::consts::EXE_SUFFIX);
    let program = target().join("clients/rust/debug").join(program);
    report.step("a client in Rust", std::process::Command::new(program).arg(entry_point))
}
