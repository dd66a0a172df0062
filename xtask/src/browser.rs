//! The tests of the documentation page in a real browser: Node drives Chromium, which asks the device registry.

use std::{env, ffi::OsString, fs, path::PathBuf, process::Command};

use crate::{
    command::{Result, cargo, is_installed, root, target},
    test::Report,
};

/// Why the tests cannot run here, where they cannot.
pub(crate) fn missing() -> Option<&'static str> {
    if !is_installed(Command::new("node")) || !is_installed(Command::new("npm")) {
        return Some("tests in a browser: Node.js 20 or later with npm is not installed");
    }
    if chromium().is_none() {
        return Some(
            "tests in a browser: Chromium is not installed; `CHROMIUM` names it where it has another name",
        );
    }
    None
}

/// Installs what the tests need, builds the program that they ask, and runs them.
pub(crate) fn checks(report: &mut Report) -> Result {
    let folder = root().join("tests/browser");
    let modified = |file: &str| fs::metadata(folder.join(file)).and_then(|file| file.modified()).ok();
    // npm writes this file last, so it is there once everything else is.
    let installed = modified("node_modules/.package-lock.json");
    if installed.is_none() || installed < modified("package-lock.json") {
        let mut install = Command::new("npm");
        report.step(
            "packages of the browser tests",
            install.args(["ci", "--no-audit", "--no-fund"]).current_dir(&folder),
        )?;
    }
    report.step("program of the browser tests", &mut cargo(["build", "--package", "device-registry"]))?;
    let mut tests = Command::new("node");
    tests
        .args(["--test", "--test-reporter=tap"])
        .current_dir(&folder)
        .env("DEVICE_REGISTRY", target().join("debug").join("device-registry"))
        .env("CHROMIUM", chromium().unwrap_or_default())
        .env("SCREENSHOTS", target().join("browser"));
    report.step("tests in a browser", &mut tests)
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
