//! `cargo xtask bench-compile`: what one more resource of ten fields and five methods costs the compiler.
//!
//! Services with 0, 10 and 40 resources are generated outside the workspace, once with this library and once as
//! hand-written axum handlers. Only the service itself is compiled again in each round, without incremental state; the
//! cost of a resource is the difference between the sizes, divided by the number of resources between them.

mod measure;
mod ours;
mod peer;

use std::{
    fs,
    path::{Path, PathBuf},
};

use measure::{Kind, Seconds, Service};

use xtask::command::{self, Result, cargo, root, target};

const OURS: &str = "rest-standard";
const PEER: &str = "hand-written axum";

/// How many resources the generated services have.
const SIZES: [usize; 3] = [0, 10, 40];

/// What an added resource may cost, in milliseconds of `cargo check` and of a release build.
const TARGET: (f64, f64) = (15.0, 150.0);

/// What it costs elsewhere, as measured when the targets were set.
const REFERENCES: [(&str, u32, u32); 2] = [("hand-written axum", 101, 1160), ("dropshot", 179, 2046)];

/// Generates, measures and prints a Markdown table.
pub(crate) fn run(repeats: u16) -> Result {
    let folder = tempfile::tempdir().map_err(|reason| format!("no temporary folder: {reason}"))?;
    let mut services = Vec::new();
    for size in SIZES {
        services.push(generate(folder.path(), OURS, size, &ours::manifest(&root()), &ours::source(size))?);
        services.push(generate(folder.path(), PEER, size, &peer::manifest(), &peer::source(size))?);
    }
    measure::run(&mut services, &target().join("bench-compile"), repeats)?;
    print(&services, repeats);
    print_expansion()
}

/// Generates a service of this library with as many resources, builds it and gives its program.
pub(crate) fn build_large(folder: &Path, resources: usize) -> Result<PathBuf> {
    let service = generate(folder, OURS, resources, &ours::manifest(&root()), &ours::source(resources))?;
    let target = target().join("bench-compile");
    let mut build = cargo(["build", "--quiet", "--release"]);
    command::run(build.current_dir(&service.folder).env("CARGO_TARGET_DIR", &target))?;
    let program = format!("service-{OURS}-{resources}{}", std::env::consts::EXE_SUFFIX);
    Ok(target.join("release").join(program))
}

/// Names of things, so that generated resources are called as an author would call them.
///
/// The first part of each pair is the type's name, the second the collection's.
fn names(size: usize) -> impl Iterator<Item = (String, String)> {
    const FIRST: [&str; 20] = [
        "amber", "cobalt", "copper", "indigo", "maroon", "ochre", "silver", "violet", "azure", "bronze",
        "coral", "cream", "crimson", "golden", "ivory", "khaki", "magenta", "olive", "scarlet", "teal",
    ];
    const SECOND: [&str; 10] =
        ["gauge", "meter", "panel", "sensor", "valve", "camera", "filter", "heater", "motor", "pump"];
    let pairs = SECOND.iter().flat_map(|second| FIRST.iter().map(move |first| (first, second)));
    pairs.take(size).map(|(first, second)| {
        (format!("{}{}", capitalised(first), capitalised(second)), format!("{first}-{second}s"))
    })
}

fn capitalised(word: &str) -> String {
    word[..1].to_uppercase() + &word[1..]
}

fn generate(
    folder: &Path,
    library: &'static str,
    resources: usize,
    manifest: &str,
    source: &str,
) -> Result<Service> {
    let name = format!("{}-{resources}", library.replace(' ', "-"));
    let folder = folder.join(&name);
    // A workspace of its own, or cargo looks for one in the folders above.
    let manifest =
        format!("[package]\nname = \"service-{name}\"\nedition = \"2024\"\n\n{manifest}\n[workspace]\n");
    let written = fs::create_dir_all(folder.join("src"))
        .and_then(|()| fs::write(folder.join("Cargo.toml"), manifest))
        .and_then(|()| fs::write(folder.join("src/main.rs"), source))
        // The same versions of everything as in the workspace.
        .and_then(|()| fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock")));
    written.map_err(|reason| format!("`{}` could not be written: {reason}", folder.display()))?;
    Ok(Service { library, resources, folder, check: Vec::new(), release: Vec::new() })
}

fn print(services: &[Service], repeats: u16) {
    println!("Compile time of the last crate, median of {repeats} builds, and the processors' time in it:\n");
    println!("| service | resources | `cargo check` | processors | release build | processors |");
    println!("|---|---:|---:|---:|---:|---:|");
    for service in services {
        let (check, release) = (service.median(Kind::Check), service.median(Kind::Release));
        println!(
            "| {} | {} | {:.2} s | {:.2} s | {:.2} s | {:.2} s |",
            service.library, service.resources, check.wall, check.processor, release.wall, release.processor
        );
    }
    println!("\nCost of one added resource of ten fields and five methods:\n");
    println!("| service | between | `cargo check` | processors | release build | processors |");
    println!("|---|---|---:|---:|---:|---:|");
    for (from, to) in [(SIZES[0], SIZES[1]), (SIZES[1], SIZES[2]), (SIZES[0], SIZES[2])] {
        for library in [OURS, PEER] {
            let cost = |kind| cost(services, library, (from, to), kind);
            let (check, release) = (cost(Kind::Check), cost(Kind::Release));
            println!(
                "| {library} | {from} and {to} | {:.1} ms | {:.1} ms | {:.1} ms | {:.1} ms |",
                check.wall, check.processor, release.wall, release.processor
            );
        }
    }
    println!("| target | | {:.0} ms | | {:.0} ms | |", TARGET.0, TARGET.1);
    for (library, check, release) in REFERENCES {
        println!("| {library}, reference | | {check} ms | | {release} ms | |");
    }
}

/// The milliseconds that each resource between the two sizes adds.
fn cost(services: &[Service], library: &str, (from, to): (usize, usize), kind: Kind) -> Seconds {
    let of = |resources| {
        let found =
            services.iter().find(|service| service.library == library && service.resources == resources);
        found.map_or(Seconds { wall: f64::NAN, processor: f64::NAN }, |service| service.median(kind))
    };
    let (small, large) = (of(from), of(to));
    let each = |small: f64, large: f64| (large - small) * 1000.0 / (to - from) as f64;
    Seconds { wall: each(small.wall, large.wall), processor: each(small.processor, large.processor) }
}

/// Prints the lines with which the macro crate's own test reports how long an expansion takes.
fn print_expansion() -> Result {
    let mut tests =
        cargo(["test", "--release", "--package", "rest-standard-macros", "--", "timing", "--nocapture"]);
    let output = tests.output().map_err(|reason| format!("the macros could not be timed: {reason}"))?;
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(format!("the macros could not be timed:\n{text}"));
    }
    println!("\nMacro expansion:\n");
    let mut lines = text.lines().filter(|line| line.contains("µs")).peekable();
    if lines.peek().is_none() {
        println!("not measured: the macro crate has no test called `timing` that prints µs");
    }
    for line in lines {
        println!("- {}", line.trim());
    }
    Ok(())
}
