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
pub(crate) const VARIABLE: &str = "REST_STANDARD_POSTGRES";
/// How long the server may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// What installs the server, and what tests put between it and a service.
const INSTALL: &str = "apt-get install --yes --no-install-recommends postgresql pgbouncer";

/// A running cluster; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Cluster {
    server: Child,
    url: String,
    _folder: TempDir,
}

impl Cluster {
    /// Finds or installs Postgres, makes a cluster and starts it.
    pub(crate) fn start() -> Result<Self> {
        let programs = programs()?;
        let folder = tempfile::Builder::new()
            .prefix("rest-standard-postgres-")
            .tempdir()
            .map_err(|reason| format!("no temporary folder can be made: {reason}"))?;
        let data = folder.path().join("data");
        let is_root = is_root();
        if is_root {
            run(Command::new("chown").arg("postgres").arg(folder.path()))?;
        }
        let mut make = as_owner(is_root, &programs.join("initdb"));
        make.arg("--pgdata").arg(&data).args([
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
        ]);
        run(make.stdout(Stdio::null()))?;
        let port = free_port()?;
        let mut server = as_owner(is_root, &programs.join("postgres"));
        server.arg("-D").arg(&data);
        for setting in [
            format!("port={port}"),
            "listen_addresses=127.0.0.1".to_owned(),
            "unix_socket_directories=".to_owned(),
            "max_connections=400".to_owned(),
            "fsync=off".to_owned(),
            "full_page_writes=off".to_owned(),
            "synchronous_commit=off".to_owned(),
            "log_min_messages=fatal".to_owned(),
        ] {
            server.arg("-c").arg(setting);
        }
        let log = fs::File::create(folder.path().join("log"))
            .map_err(|reason| format!("Postgres has no place for its log: {reason}"))?;
        let server = server
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .map_err(|reason| format!("Postgres cannot be started: {reason}"))?;
        let mut cluster =
            Self { server, url: format!("postgres://postgres@127.0.0.1:{port}"), _folder: folder };
        cluster.wait(port)?;
        Ok(cluster)
    }

    /// Waits until the server takes connections.
    fn wait(&mut self, port: u16) -> Result {
        let start = Instant::now();
        // A server that still starts closes a connection at once; one that is ready waits for what a client says.
        while start.elapsed() < PATIENCE {
            if let Ok(Some(status)) = self.server.try_wait() {
                let log = fs::read_to_string(self._folder.path().join("log")).unwrap_or_default();
                return Err(format!("Postgres ended at its start ({status}): {log}"));
            }
            if let Ok(connection) = std::net::TcpStream::connect(("127.0.0.1", port)) {
                let _ = connection.set_read_timeout(Some(Duration::from_secs(5)));
                if asks_for_tls(connection) {
                    return Ok(());
                }
            }
            thread::sleep(Duration::from_millis(50));
        }
        Err(format!("Postgres did not answer within {PATIENCE:?}"))
    }

    /// Where the server is, as the tests take it.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // Asks for an end at once, at which the server ends its processes; killed, it would leave them and its memory behind.
        let asked = Command::new("kill").arg("-QUIT").arg(self.server.id().to_string()).status();
        let end = Instant::now() + Duration::from_secs(5);
        while asked.as_ref().is_ok_and(|status| status.success()) && Instant::now() < end {
            if !matches!(self.server.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
        let _ = self.server.kill();
        let _ = self.server.wait();
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

/// A program as the user that the cluster belongs to.
fn as_owner(is_root: bool, program: &Path) -> Command {
    if !is_root {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
    command
}

fn is_root() -> bool {
    cfg!(unix) && Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn free_port() -> Result<u16> {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|reason| format!("this machine has no free port: {reason}"))
}

/// Starts a cluster and keeps it until the task is ended.
pub(crate) fn serve() -> Result {
    let cluster = Cluster::start()?;
    println!("export {VARIABLE}={}", cluster.url());
    println!("Postgres runs until this is ended: Ctrl-C");
    loop {
        thread::sleep(Duration::from_secs(3_600));
    }
}
