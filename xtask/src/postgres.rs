//! Postgres for the tests: a cluster of its own in a temporary folder, on loopback, which ends with the task.
//!
//! Its data are worth nothing, so that it is told not to wait for the disk. Postgres refuses to run as root; there it runs as the user
//! `postgres` that Debian's package makes.

use std::{
    env, fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::command::{Result, run};

/// The variable by which the tests find the server.
pub const VARIABLE: &str = "REST_STANDARD_POSTGRES";
/// How long the server may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// What installs the server, and what tests put between it and a service.
const INSTALL: &str = "apt-get install --yes --no-install-recommends postgresql pgbouncer";

/// Settings of a server whose data are worth nothing.
const CARELESS: [&str; 3] = ["fsync=off", "full_page_writes=off", "synchronous_commit=off"];

/// A running cluster for tests; it ends when this is dropped.
#[derive(Debug)]
pub struct Cluster {
    server: Server,
    _folder: TempDir,
}

impl Cluster {
    /// Finds or installs Postgres, makes a cluster and starts it.
    ///
    /// # Errors
    ///
    /// When there is no Postgres and none may be installed, or it does not start.
    pub fn start() -> Result<Self> {
        let programs = Programs::find()?;
        let folder = programs.folder()?;
        let data = folder.path().join("data");
        programs.make(&data)?;
        let settings = CARELESS.map(str::to_owned);
        Ok(Self { server: Server::start(&programs, &data, free_port()?, &settings)?, _folder: folder })
    }

    /// Where the server is, as the tests take it.
    #[must_use]
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}", self.server.port())
    }
}

/// The programs of Postgres, and the user that they run as.
#[derive(Clone, Debug)]
pub struct Programs {
    folder: PathBuf,
    is_root: bool,
}

impl Programs {
    /// Finds the programs, or installs them where that is allowed.
    ///
    /// # Errors
    ///
    /// When there are none; the text says how to come by them.
    pub fn find() -> Result<Self> {
        Ok(Self { folder: programs()?, is_root: is_root() })
    }

    /// A temporary folder that the server's user can write to.
    ///
    /// # Errors
    ///
    /// When none can be made.
    pub fn folder(&self) -> Result<TempDir> {
        let folder = tempfile::Builder::new()
            .prefix("rest-standard-postgres-")
            .tempdir()
            .map_err(|reason| format!("no temporary folder can be made: {reason}"))?;
        if self.is_root {
            run(Command::new("chown").arg("postgres").arg(folder.path()))?;
        }
        Ok(folder)
    }

    /// A program, by its name, as the user that the cluster belongs to.
    #[must_use]
    pub fn command(&self, name: &str) -> Command {
        let program = self.folder.join(name);
        if !self.is_root {
            return Command::new(program);
        }
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
        command
    }

    /// Makes the files of an empty cluster, whose superuser `postgres` needs no password on loopback.
    ///
    /// # Errors
    ///
    /// When `initdb` fails.
    pub fn make(&self, data: &Path) -> Result {
        let mut make = self.command("initdb");
        make.arg("--pgdata").arg(data).args([
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
        ]);
        run(make.stdout(Stdio::null()))
    }
}

/// A running server; it ends when this is dropped.
#[derive(Debug)]
pub struct Server {
    process: Child,
    port: u16,
    log: PathBuf,
}

impl Server {
    /// Starts a server on the files of a cluster, on loopback, and waits until it answers.
    ///
    /// # Errors
    ///
    /// When it does not answer within 30 s.
    pub fn start(programs: &Programs, data: &Path, port: u16, settings: &[String]) -> Result<Self> {
        let folder = data.parent().unwrap_or(data);
        let log = data.with_extension("log");
        let mut server = programs.command("postgres");
        server.arg("-D").arg(data);
        let fixed = [
            format!("port={port}"),
            "listen_addresses=127.0.0.1".to_owned(),
            "unix_socket_directories=".to_owned(),
            "max_connections=400".to_owned(),
            "log_min_messages=fatal".to_owned(),
        ];
        for setting in fixed.iter().chain(settings) {
            server.arg("-c").arg(setting);
        }
        let to = fs::File::create(&log)
            .map_err(|reason| format!("Postgres has no place for its log: {reason}"))?;
        let process = server
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(to)
            .spawn()
            .map_err(|reason| format!("Postgres cannot be started: {reason}"))?;
        let mut server = Self { process, port, log };
        server.wait()?;
        Ok(server)
    }

    /// Waits until the server takes connections.
    fn wait(&mut self) -> Result {
        let start = Instant::now();
        // A server that still starts closes a connection at once; one that is ready waits for what a client says.
        while start.elapsed() < PATIENCE {
            if let Ok(Some(status)) = self.process.try_wait() {
                let log = fs::read_to_string(&self.log).unwrap_or_default();
                return Err(format!("Postgres ended at its start ({status}): {log}"));
            }
            if let Ok(connection) = std::net::TcpStream::connect(("127.0.0.1", self.port)) {
                let _ = connection.set_read_timeout(Some(Duration::from_secs(5)));
                if asks_for_tls(connection) {
                    return Ok(());
                }
            }
            thread::sleep(Duration::from_millis(50));
        }
        Err(format!("Postgres did not answer within {PATIENCE:?}"))
    }

    /// Where it listens.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Kills the server (SIGKILL): it writes nothing more, and its next start reads the log. Its processes see that it is
    /// gone and end by themselves; until then its files cannot be opened again.
    pub fn kill(mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    /// Sends a signal to all processes of the server. Each has a session of its own, so that no group has them all.
    ///
    /// # Errors
    ///
    /// When it cannot be sent.
    pub fn signal(&self, name: &str) -> Result {
        let server = self.process.id().to_string();
        // The first one comes first: it would start others in place of those that do not answer.
        for (program, arguments) in [
            ("kill", vec![format!("-{name}"), server.clone()]),
            ("pkill", vec![format!("-{name}"), "-P".to_owned(), server]),
        ] {
            let sent = Command::new(program).args(&arguments).status();
            if !sent.as_ref().is_ok_and(std::process::ExitStatus::success) {
                return Err(format!("{program} {} failed: {sent:?}", arguments.join(" ")));
            }
        }
        Ok(())
    }

    fn end(&mut self) {
        if !matches!(self.process.try_wait(), Ok(None)) {
            return;
        }
        // SIGQUIT: the server ends its processes at once and writes no checkpoint; killed, it would leave them and its memory
        // behind.
        let asked = Command::new("kill").arg("-QUIT").arg(self.process.id().to_string()).status();
        let end = Instant::now() + Duration::from_secs(5);
        while asked.as_ref().is_ok_and(|status| status.success()) && Instant::now() < end {
            if !matches!(self.process.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}

/// Whether a server answers the request for TLS, which it does once it is up: `S` or `N`.
fn asks_for_tls(mut connection: std::net::TcpStream) -> bool {
    use std::io::{Read as _, Write as _};
    let mut answer = [0];
    let request = [0, 0, 0, 8, 4, 210, 22, 47];
    connection.write_all(&request).is_ok()
        && connection.read_exact(&mut answer).is_ok()
        && matches!(answer[0], b'S' | b'N')
}

/// The folder of the server's programs, which are installed where that is allowed.
fn programs() -> Result<PathBuf> {
    // A version would be asked of PgBouncer in vain where it is not allowed to run, such as as root.
    let has_pooler = || in_path().any(|folder| folder.join("pgbouncer").is_file());
    if let Some(found) = find().filter(|_| has_pooler()) {
        return Ok(found);
    }
    let is_debian = Path::new("/usr/bin/apt-get").is_file();
    if !is_root() || !is_debian {
        let how = if is_debian {
            format!("sudo {INSTALL}")
        } else {
            "install Postgres 13 or newer and PgBouncer".to_owned()
        };
        return Err(format!(
            "the programs of a Postgres server, or PgBouncer, are not found; {how}\n\
             or leave their tests out: cargo xtask test --without-postgres"
        ));
    }
    run(Command::new("apt-get").arg("update").stdout(Stdio::null()))?;
    let mut words = INSTALL.split(' ');
    let mut install = Command::new(words.next().unwrap_or_default());
    run(install.args(words).env("DEBIAN_FRONTEND", "noninteractive").stdout(Stdio::null()))?;
    find().filter(|_| has_pooler()).ok_or_else(|| {
        "Postgres and PgBouncer were installed, and their programs are still not found".to_owned()
    })
}

/// The folder with `initdb` and `postgres` in it: of the search path, or where Debian puts the newest.
fn find() -> Option<PathBuf> {
    let is_complete =
        |folder: &PathBuf| ["initdb", "postgres"].iter().all(|name| folder.join(name).is_file());
    let mut debian: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .map(|versions| versions.flatten().map(|version| version.path().join("bin")).collect())
        .unwrap_or_default();
    debian.sort();
    debian.into_iter().rev().chain(in_path()).find(is_complete)
}

/// The folders in which programs are looked for; Debian puts servers where only root looks.
fn in_path() -> impl Iterator<Item = PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = env::split_paths(&path).collect();
    folders.into_iter().chain([PathBuf::from("/usr/sbin")])
}

fn is_root() -> bool {
    cfg!(unix) && Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// A port that nobody listens on.
///
/// # Errors
///
/// When there is none.
pub fn free_port() -> Result<u16> {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|reason| format!("this machine has no free port: {reason}"))
}

/// Starts a cluster and keeps it until the task is ended.
///
/// # Errors
///
/// When it does not start.
pub fn serve() -> Result {
    let cluster = Cluster::start()?;
    println!("export {VARIABLE}={}", cluster.url());
    println!("Postgres runs until this is ended: Ctrl-C");
    loop {
        thread::sleep(Duration::from_secs(3_600));
    }
}
