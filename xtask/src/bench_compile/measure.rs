//! Building the generated services over and over, interleaved, and timing the last crate.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::Instant,
};

use xtask::command::{Result, cargo, line};

/// What is timed.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Check,
    Release,
}

/// The seconds that something took.
#[derive(Clone, Copy)]
pub(super) struct Seconds {
    pub(super) wall: f64,
    /// Of all processors together; not a number where the system does not tell.
    pub(super) processor: f64,
}

/// A generated service, and the seconds that its builds took.
pub(super) struct Service {
    pub(super) library: &'static str,
    pub(super) resources: usize,
    pub(super) folder: PathBuf,
    pub(super) check: Vec<Seconds>,
    pub(super) release: Vec<Seconds>,
}

impl Service {
    /// The medians of the builds' seconds.
    pub(super) fn median(&self, kind: Kind) -> Seconds {
        let builds = match kind {
            Kind::Check => &self.check,
            Kind::Release => &self.release,
        };
        let median = |seconds: fn(&Seconds) -> f64| {
            let mut sorted: Vec<_> = builds.iter().map(seconds).collect();
            sorted.sort_by(f64::total_cmp);
            sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
        };
        Seconds { wall: median(|build| build.wall), processor: median(|build| build.processor) }
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

fn build(service: &Service, kind: Kind, target: &Path) -> Result<Seconds> {
    touch(&service.folder.join("src/main.rs"))?;
    let mut command = match kind {
        Kind::Check => cargo(["check", "--quiet"]),
        Kind::Release => cargo(["build", "--quiet", "--release"]),
    };
    command.current_dir(&service.folder).env("CARGO_TARGET_DIR", target).env("CARGO_INCREMENTAL", "0");
    let (start, before) = (Instant::now(), processor_seconds());
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|reason| format!("cargo could not be run: {reason}"))?;
    let took = Seconds { wall: start.elapsed().as_secs_f64(), processor: processor_seconds() - before };
    if output.status.success() {
        Ok(took)
    } else {
        Err(format!("`{}` failed:\n{}", line(&command), String::from_utf8_lossy(&output.stderr)))
    }
}

/// The processor time of all programs that this one has run and that have ended, as Linux counts it.
fn processor_seconds() -> f64 {
    // After the program's name in brackets: the state, 12 numbers, then user and system time of ended children, in
    // hundredths of a second.
    let own = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let numbers = own.rsplit_once(')').map_or("", |(_, numbers)| numbers);
    let ended: Vec<f64> =
        numbers.split_whitespace().skip(13).take(2).filter_map(|number| number.parse().ok()).collect();
    if ended.len() == 2 { (ended[0] + ended[1]) / 100.0 } else { f64::NAN }
}

/// Makes the file newer than what was built from it.
fn touch(file: &Path) -> Result {
    let written = fs::read(file).and_then(|bytes| fs::write(file, bytes));
    written.map_err(|reason| format!("`{}` could not be written: {reason}", file.display()))
}
