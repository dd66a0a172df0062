//! `cargo xtask bench-document`: how soon a service answers, and what its document and page cost.
//!
//! A service of 200 resources is generated outside the workspace and built in release mode; the device registry is
//! started anew for each of its figures.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use crate::{bench_compile, registry::Running};
use xtask::command::{Result, cargo, run, target};

/// How many resources the generated service has.
const RESOURCES: usize = 200;
/// How often each figure is taken; the median counts.
const REPEATS: usize = 11;

/// Measures and prints.
pub(crate) fn measure() -> Result {
    let folder = tempfile::tempdir().map_err(|reason| format!("no temporary folder: {reason}"))?;
    eprintln!("building the device registry and a service of {RESOURCES} resources");
    run(&mut cargo(["build", "--quiet", "--release", "--package", "device-registry"]))?;
    let registry = target().join("release").join(program("device-registry"));
    let large = bench_compile::build_large(folder.path(), RESOURCES)?;

    println!("From the start of the program to the first answer, median of {REPEATS}:\n");
    println!("| service | store | ms |\n|---|---|---:|");
    for (name, program, entry) in [
        ("device registry with sample data", &registry, "/api/v1/device-types"),
        ("200 resources", &large, "/api/v1"),
    ] {
        println!("| {name} | memory | {:.1} |", first_answer(program, |_| "memory".to_owned(), entry)?);
        let file = |round| format!("sqlite:{}", folder.path().join(format!("{name}-{round}.db")).display());
        println!("| {name} | a new SQLite file | {:.1} |", first_answer(program, file, entry)?);
    }
    println!("\nThe document and the page, made when they are first asked for, median of {REPEATS}:\n");
    println!("| service | what | bytes | first, ms | again, ms |\n|---|---|---:|---:|---:|");
    for (name, program) in [("device registry", &registry), ("200 resources", &large)] {
        for path in ["/openapi.json", "/openapi.json?openapi=3.0", "/docs"] {
            let (bytes, first, again) = document(program, path)?;
            println!("| {name} | `{path}` | {bytes} | {first:.1} | {again:.1} |");
        }
    }
    let (mut printed, mut size) = (Vec::new(), 0);
    for _ in 0..REPEATS {
        let start = Instant::now();
        let output = Command::new(&large).arg("openapi").output().map_err(|reason| reason.to_string())?;
        printed.push(start.elapsed());
        size = output.stdout.len();
    }
    println!(
        "\n`openapi` of {RESOURCES} resources as a whole process: {:.1} ms, {size} bytes",
        median(printed)
    );
    Ok(())
}

fn program(name: &str) -> String {
    format!("{name}{}", std::env::consts::EXE_SUFFIX)
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times.get(times.len() / 2).map_or(f64::NAN, |time| time.as_secs_f64() * 1000.0)
}

/// Milliseconds from the start of the program to the whole of its first answer.
fn first_answer(program: &Path, database: impl Fn(usize) -> String, path: &str) -> Result<f64> {
    let mut times = Vec::new();
    for round in 0..REPEATS {
        let start = Instant::now();
        let running = Running::start(program, &database(round))?;
        get(&running, path)?;
        times.push(start.elapsed());
    }
    Ok(median(times))
}

/// The size of a document, and the milliseconds of the first and the second answer with it.
fn document(program: &Path, path: &str) -> Result<(usize, f64, f64)> {
    let (mut first, mut again, mut bytes) = (Vec::new(), Vec::new(), 0);
    for _ in 0..REPEATS {
        let running = Running::start(program, "memory")?;
        get(&running, "/ping")?;
        for times in [&mut first, &mut again] {
            let start = Instant::now();
            bytes = get(&running, path)?;
            times.push(start.elapsed());
        }
    }
    Ok((bytes, median(first), median(again)))
}

/// Asks for a path and gives the size of the body.
fn get(running: &Running, path: &str) -> Result<usize> {
    let address = running.url("").trim_start_matches("http://").to_owned();
    let ask = || -> std::io::Result<Vec<u8>> {
        let mut stream = TcpStream::connect(&address)?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(answer)
    };
    let answer = ask().map_err(|reason| format!("{path} was not answered: {reason}"))?;
    let head = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap_or(answer.len());
    if answer.starts_with(b"HTTP/1.1 200") {
        Ok(answer.len() - head - 4)
    } else {
        Err(format!("{path} was refused: {}", String::from_utf8_lossy(&answer[..head])))
    }
}
