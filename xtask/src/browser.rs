//! The tests of the documentation page in a real browser: Node drives Chromium, which asks the device registry.

use std::{env, ffi::OsString, path::PathBuf};

use crate::{packages::Workbench, registry, test::Report};
use xtask::command::{Result, target};

/// Runs the tests. What is missing is reported, or refused where they are `wanted`.
pub(crate) fn check(report: &mut Report, wanted: bool) -> Result {
    let name = "tests in a browser";
    let bench = Workbench::new("browser-tests", "tests/browser")?;
    let browser = chromium();
    let install = || match browser {
        Some(_) => bench.install_node(),
        None => Err("Chromium is not installed; `CHROMIUM` names it where it has another name".to_owned()),
    };
    if !report.install(name, wanted, install)? {
        return Ok(());
    }
    let program = registry::build()?;
    let mut tests = bench.node("--test");
    tests
        .arg("--test-reporter=tap")
        .env("DEVICE_REGISTRY", program)
        .env("CHROMIUM", browser.unwrap_or_default())
        .env("SCREENSHOTS", target().join("browser"));
    report.step(name, &mut tests)
}

/// The browser: what `CHROMIUM` names, else what systems call it.
fn chromium() -> Option<OsString> {
    let given = env::var_os("CHROMIUM").filter(|given| !given.is_empty());
    let found = || {
        let folders = env::var_os("PATH").unwrap_or_default();
        let folders: Vec<PathBuf> = env::split_paths(&folders).collect();
        let named = |name: &str| folders.iter().map(|folder| folder.join(name)).find(|file| file.is_file());
        ["chromium", "chromium-browser", "google-chrome"]
            .into_iter()
            .find_map(named)
            .map(PathBuf::into_os_string)
    };
    given.or_else(found)
}
