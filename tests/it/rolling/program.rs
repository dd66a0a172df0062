//! One of the two programs as a process: it is started, asked to end, or killed.

use std::{
    io::{BufRead as _, BufReader, Read},
    net::SocketAddr,
    process::{Child, Command, Output, Stdio},
    sync::mpsc,
    time::{Duration, Instant},
};

/// How long a program may take to start or to end.
const PATIENCE: Duration = Duration::from_secs(20);
/// What comes before the address, in what a program prints.
const LISTENS: &str = "listens on ";

/// One of the two programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Release {
    Before,
    After,
}

impl Release {
    fn command(self, arguments: &[&str]) -> Command {
        let mut command = Command::new(match self {
            Self::Before => env!("CARGO_BIN_EXE_lamps-before"),
            Self::After => env!("CARGO_BIN_EXE_lamps-after"),
        });
        command.env_clear().args(arguments).stdin(Stdio::null());
        command
    }

    /// Runs the program to its end: its exit code, and what it prints.
    pub(super) fn run(self, arguments: &[&str]) -> (Option<i32>, String) {
        let Output { status, stdout, stderr } = self.command(arguments).output().expect("the program runs");
        (status.code(), format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr)))
    }
}

/// A program that serves, or is about to; its process is killed when this is dropped.
#[derive(Debug)]
pub(super) struct Program {
    pub(super) release: Release,
    child: Child,
    lines: mpsc::Receiver<String>,
    /// The lines that were read.
    log: Vec<String>,
}

impl Program {
    /// Starts a program without waiting for it.
    pub(super) fn spawn(release: Release, database: &str, arguments: &[&str]) -> Self {
        let mut command =
            release.command(&["--database", database, "--listen", "127.0.0.1:0", "--log", "warn"]);
        command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let (send, lines) = mpsc::channel();
        let streams: [Option<Box<dyn Read + Send>>; 2] = [
            child.stdout.take().map(|stream| Box::new(stream) as _),
            child.stderr.take().map(|stream| Box::new(stream) as _),
        ];
        for stream in streams.into_iter().flatten() {
            let send = send.clone();
            std::thread::spawn(move || {
                for line in BufReader::new(stream).lines().map_while(Result::ok) {
                    // The test may be over.
                    let _ = send.send(line);
                }
            });
        }
        Self { release, child, lines, log: Vec::new() }
    }

    /// Waits until it says where it listens.
    pub(super) fn address(&mut self) -> SocketAddr {
        let end = Instant::now() + PATIENCE;
        while let Ok(line) = self.lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
            self.log.push(line);
            let last = self.log.last().and_then(|line| line.split_once(LISTENS));
            if let Some((_, address)) = last {
                return address.trim().parse().expect("it listens on an address");
            }
        }
        panic!("it does not say within {PATIENCE:?} where it listens: {}", self.told());
    }

    /// Asks it to end (SIGTERM) and waits for that. It has finished what was under way, and met no fault.
    pub(super) fn end(mut self) {
        let sent = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(sent.expect("`kill` is there").success(), "it has ended by itself: {}", self.told());
        let end = Instant::now() + PATIENCE;
        let status = loop {
            match self.child.try_wait().expect("a child can be waited for") {
                Some(status) => break status,
                None if Instant::now() > end => {
                    panic!("it does not end within {PATIENCE:?}: {}", self.told())
                }
                None => std::thread::sleep(Duration::from_millis(5)),
            }
        };
        // Its streams are closed, so that these are all.
        self.log.extend(self.lines.iter());
        assert_eq!(status.code(), Some(0), "{}", self.told());
        assert!(!self.log.iter().any(|line| line.contains("ERROR")), "{}", self.told());
    }

    /// Kills it (SIGKILL), whatever it is doing.
    pub(super) fn kill(&mut self) {
        self.child.kill().expect("a child can be killed");
        let _ = self.child.wait().expect("a child can be waited for");
    }

    /// What it has printed.
    fn told(&mut self) -> String {
        self.log.extend(self.lines.try_iter());
        format!("{:?} said {:#?}", self.release, self.log)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
