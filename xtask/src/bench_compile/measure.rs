//! Building the generated services over and over, interleaved, and timing the last crate.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::Instant,
};

use crate::command::{Result, cargo, line};

/// What is timed.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Check,
    Release,
}

/// A generated service, and the seconds that its builds took.
pub(super) struct Service {
    pub(super) library: &'static str,
    pub(super) resources: usize,
    pub(super) folder: PathBuf,
    pub(super) check: Vec<f64>,
    pub(super) release: Vec<f64>,
}

impl Service {
    /// The median of the builds' seconds.
    pub(super) fn median(&self, kind: Kind) -> f64 {
        let mut sorted = match kind {
            Kind::Check => self.check.clone(),
            Kind::Release => self.release.clone(),
        };
        sorted.sort_by(f64::total_cmp);
        sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
    }
}

/// Builds all services `repeats` times after a first time that builds what they depend on.
pub(super) fn run(services: &mut [Service], target: &Path, repeats: u16) -> Result {
    for service in &*services {
        eprintln!("preparing {} with {} resources", service.library, service.resources);
        build(service, Kind::Check, target)?;
        build(service, Kind::Release, target)?;
    }
    for round in 1..=repeats {
        eprintln!("round {round} of {repeats}");
        for service in &mut *services {
            let (check, release) =
                (build(service, Kind::Check, target)?, build(service, Kind::Release, target)?);
            service.check.push(check);
            service.release.push(release);
        }
    }
    Ok(())
}

fn build(service: &Service, kind: Kind, target: &Path) -> Result<f64> {
    touch(&service.folder.join("src/main.rs"))?;
    let mut command = match kind {
        Kind::Check => cargo(["check", "--quiet"]),
        Kind::Release => cargo(["build", "--quiet", "--release"]),
    };
    command.current_dir(&service.folder).env("CARGO_TARGET_DIR", target).env("CARGO_INCREMENTAL", "0");
    let start = Instant::now();
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|reason| format!("cargo could not be run: {reason}"))?;
    let took = start.elapsed().as_secs_f64();
    if output.status.success() {
        Ok(took)
    } else {
        Err(format!("`{}` failed:\n{}", line(&command), String::from_utf8_lossy(&output.stderr)))
    }
}

/// Makes the file newer than what was built from it.
fn touch(file: &Path) -> Result {
    let written = fs::read(file).and_then(|bytes| fs::write(file, bytes));
    written.map_err(|reason| format!("`{}` could not be written: {reason}", file.display()))
}
