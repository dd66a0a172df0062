//! The device registry: its program, its document, and a running one on a free port of the loopback.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
};

use xtask::command::{Result, cargo, run, target};

/// The program, built.
pub(crate) fn build() -> Result<PathBuf> {
    run(&mut cargo(["build", "--quiet", "--package", "device-registry"]))?;
    Ok(target().join("debug").join(format!("device-registry{}", std::env::consts::EXE_SUFFIX)))
}

/// Writes the document in the form `3.1` or `3.0`, as the program prints it.
pub(crate) fn write_document(program: &Path, form: &str, to: &Path) -> Result {
    let output = Command::new(program).args(["openapi", "--spec", form]).output();
    let output = output.map_err(|reason| format!("the registry could not be run: {reason}"))?;
    if !output.status.success() {
        return Err(format!(
            "the registry printed no document:\n{}",
            String::from_utf8_lossy(&output.stderr)
        ));
    }
    fs::write(to, output.stdout).map_err(|reason| format!("{} cannot be written: {reason}", to.display()))
}

/// A running registry, which ends with this value.
#[derive(Debug)]
pub(crate) struct Running {
    service: Child,
    address: String,
}

impl Running {
    /// Starts the program with the database and waits until it listens.
    pub(crate) fn start(program: &Path, database: &str) -> Result<Self> {
        let mut command = Command::new(program);
        command.args(["--listen", "127.0.0.1:0", "--log", "error", "--database", database]);
        let service = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
        let mut service = service.map_err(|reason| format!("the registry could not be run: {reason}"))?;
        let lines =
            service.stdout.take().map(|stdout| BufReader::new(stdout).lines().map_while(std::io::Result::ok));
        let mut running = Self { service, address: String::new() };
        let mut lines = lines.ok_or("the registry's output is lost")?;
        let address = lines.find_map(|line| Some(line.split_once("listens on ")?.1.trim().to_owned()));
        running.address = address.ok_or("the registry ended before it listened")?;
        // A full pipe would stop the service.
        thread::spawn(move || lines.for_each(drop));
        Ok(running)
    }

    /// The address of something the service has.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.service.kill();
        let _ = self.service.wait();
    }
}
