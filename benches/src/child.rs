//! A server in a process of its own, so that its processor time can be told from the load generator's.

use std::cell::RefCell;
use std::ffi::OsStr;
use std::fmt::{self, Display};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use clap::ValueEnum;
use tempfile::TempDir;

use crate::Failure;
use crate::serve::{LISTENING, Synchronous};

/// Linux reports process times in hundredths of a second, whatever the kernel's own tick is.
const TICK: Duration = Duration::from_millis(10);

/// Which of the servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Side {
    /// The hand-written service.
    Peer,
    /// The rest-standard service.
    Ours,
    /// Fixed bytes.
    Constant,
    /// The device registry, which is compared with itself alone.
    #[value(skip)]
    Devices,
    /// The service with much that is old, which is compared with itself alone.
    #[value(skip)]
    Aged,
}

impl Side {
    fn subcommand(self) -> &'static str {
        match self {
            Self::Peer => "serve-peer",
            Self::Ours => "serve-ours",
            Self::Constant => "serve-constant",
            Self::Devices => "serve-devices",
            Self::Aged => "serve-aged",
        }
    }
}

impl Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Peer => "peer",
            Self::Ours => "ours",
            Self::Constant => "constant",
            Self::Devices => "device registry",
            Self::Aged => "aged",
        })
    }
}

/// A running server; dropping it ends the process and then removes its database, unless that is somebody else's.
#[derive(Debug)]
pub(crate) struct Server {
    process: Child,
    address: SocketAddr,
    output: RefCell<BufReader<ChildStdout>>,
    directory: Option<TempDir>,
}

impl Server {
    /// Starts a server on a database of its own and waits until it listens.
    pub(crate) fn start(
        side: Side,
        parent: &Path,
        rows: u64,
        synchronous: Synchronous,
        postgres: Option<&str>,
    ) -> Result<Self, Failure> {
        let directory = tempfile::Builder::new().prefix("rest-standard-bench-").tempdir_in(parent)?;
        let file = directory.path().join("items.db");
        let database = postgres.map_or(file.as_os_str(), OsStr::new);
        let mut server = Self::start_on(side, database, rows, synchronous)?;
        server.directory = Some(directory);
        Ok(server)
    }

    /// Starts a server on a database that stays, an SQLite file or the URL of one of Postgres, and waits until it listens.
    pub(crate) fn start_on(
        side: Side,
        database: &OsStr,
        rows: u64,
        synchronous: Synchronous,
    ) -> Result<Self, Failure> {
        let mut process = Command::new(std::env::current_exe()?)
            .arg(side.subcommand())
            .arg("--database")
            .arg(database)
            .arg("--rows")
            .arg(rows.to_string())
            .arg("--synchronous")
            .arg(synchronous.name())
            // The child watches this pipe, so that it ends even if this process is killed.
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = process.stdout.take().expect("stdout was asked to be a pipe");
        // Owned from here on: an early return below must end the process too.
        let mut server = Self {
            process,
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            output: RefCell::new(BufReader::new(output)),
            directory: None,
        };
        match server.line(LISTENING)? {
            Some(address) => server.address = address.parse()?,
            None => return Err(format!("the {side} server ended before it listened").into()),
        }
        Ok(server)
    }

    /// Sends the server a line and gives the rest of its answer, the next line that begins with `prefix`.
    pub(crate) fn ask(&self, line: &str, prefix: &str) -> Result<String, Failure> {
        let mut input = self.process.stdin.as_ref().ok_or("the server does not listen to lines")?;
        writeln!(input, "{line}")?;
        self.line(prefix)?.ok_or_else(|| "the server ended".into())
    }

    /// The rest of the server's next line that begins with `prefix`; other lines are of its log.
    fn line(&self, prefix: &str) -> Result<Option<String>, Failure> {
        let mut output = self.output.borrow_mut();
        for line in std::io::Read::by_ref(&mut *output).lines() {
            if let Some(rest) = line?.strip_prefix(prefix) {
                return Ok(Some(rest.to_owned()));
            }
        }
        Ok(None)
    }

    /// Where the server listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// How much memory the process has of its own, in KiB: without the pages of files that the system keeps for it.
    pub(crate) fn memory(&self) -> Result<u64, Failure> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
        Ok(line.ok_or("no memory in the process's status")?.trim().trim_end_matches(" kB").parse()?)
    }

    /// The processor time that the process has used so far, in user and kernel mode.
    pub(crate) fn cpu_time(&self) -> Result<Duration, Failure> {
        cpu_time(&std::fs::read_to_string(format!("/proc/{}/stat", self.process.id()))?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It fails only if the process has ended, which is what is wanted.
        let _ended = self.process.kill();
        let _reaped = self.process.wait();
    }
}

fn cpu_time(stat: &str) -> Result<Duration, Failure> {
    // The second field is the program's name in parentheses and may hold spaces, so counting starts behind it: at
    // field 3, which makes utime (14) and stime (15) numbers 11 and 12.
    let (_, fields) = stat.rsplit_once(')').ok_or("no program name in the process's stat")?;
    let mut fields = fields.split_whitespace().skip(11);
    let mut ticks = || -> Result<u32, Failure> { Ok(fields.next().ok_or("no times in stat")?.parse()?) };
    Ok(TICK * (ticks()? + ticks()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_time_is_user_plus_kernel_time() {
        let stat = "77 (a) name) S 1 77 77 0 -1 4194560 1 0 0 0 250 150 0 0 20 0 9 0 1 1 1";
        assert_eq!(cpu_time(stat).unwrap(), Duration::from_secs(4));
    }
}
