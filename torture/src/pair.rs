//! A Postgres primary with a synchronous standby, either of which can be lost.

use std::{
    fs,
    path::PathBuf,
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;
use xtask::{
    command::run,
    postgres::{Programs, Server, free_port},
};

const PATIENCE: Duration = Duration::from_secs(60);
const DATABASE: &str = "torture";

/// Two places for the files of a server, of which the primary has one and the standby the other.
#[derive(Debug)]
pub(crate) struct Pair {
    programs: Programs,
    folder: TempDir,
    ports: [u16; 2],
    /// Which of the two the primary is.
    first: usize,
    primary: Option<Server>,
    standby: Option<Server>,
}

type Result<T = ()> = std::result::Result<T, String>;

impl Pair {
    /// Makes a primary, and a standby without which nothing is confirmed.
    pub(crate) async fn start() -> Result<Self> {
        let programs = Programs::find()?;
        let folder = programs.folder()?;
        let ports = [free_port()?, free_port()?];
        let mut pair = Self { programs, folder, ports, first: 0, primary: None, standby: None };
        pair.programs.make(&pair.data(0))?;
        pair.primary = Some(pair.server(0)?);
        pair.tell("postgres", &format!("CREATE DATABASE {DATABASE} TEMPLATE template0")).await?;
        pair.attach().await?;
        Ok(pair)
    }

    /// Where a service finds whichever of the two is the primary.
    pub(crate) fn url(&self) -> String {
        let [one, other] = self.ports;
        format!("postgres://postgres@127.0.0.1:{one},127.0.0.1:{other}/{DATABASE}?sslmode=disable")
    }

    fn data(&self, at: usize) -> PathBuf {
        self.folder.path().join(["one", "other"][at])
    }

    fn server(&self, at: usize) -> Result<Server> {
        // A lock of a process that was killed has to be let go first.
        let end = Instant::now() + PATIENCE;
        loop {
            match Server::start(
                &self.programs,
                &self.data(at),
                self.ports[at],
                // Said at the start of each server: one that confirmed without a standby until it is told otherwise would lose
                // what it confirmed in the meantime, and a reload reaches its processes one by one.
                &["hot_standby=on".to_owned(), "synchronous_standby_names=*".to_owned()],
            ) {
                Err(reason) if Instant::now() > end => return Err(reason),
                Err(_) => thread::sleep(Duration::from_millis(100)),
                server => return server,
            }
        }
    }

    /// A connection to the primary, once it takes some: after a start it reads its log first.
    async fn client(&self, database: &str) -> Result<tokio_postgres::Client> {
        // What is said here need not be on a standby, of which there may be none.
        let options = "options=-c%20synchronous_commit%3Dlocal";
        let url = format!("postgres://postgres@127.0.0.1:{}/{database}?{options}", self.ports[self.first]);
        let end = Instant::now() + PATIENCE;
        loop {
            match tokio_postgres::connect(&url, tokio_postgres::NoTls).await {
                Ok((client, connection)) => {
                    tokio::spawn(async move { drop(connection.await) });
                    return Ok(client);
                }
                Err(error) if Instant::now() > end => return Err(told(&error)),
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    async fn tell(&self, database: &str, sql: &str) -> Result {
        let client = self.client(database).await?;
        client.batch_execute(sql).await.map_err(|error| format!("{sql}: {}", told(&error)))
    }

    /// Copies the primary into a new standby. Until it follows, nothing is confirmed.
    async fn attach(&mut self) -> Result {
        let other = 1 - self.first;
        let data = self.data(other);
        let _ = fs::remove_dir_all(&data);
        let mut copy = self.programs.command("pg_basebackup");
        copy.args([
            "-h",
            "127.0.0.1",
            "-U",
            "postgres",
            "-R",
            "-X",
            "stream",
            "-c",
            "fast",
            "--no-sync",
            "-p",
        ])
        .arg(self.ports[self.first].to_string())
        .arg("-D")
        .arg(&data);
        run(copy.stdout(Stdio::null()))?;
        self.standby = Some(self.server(other)?);
        let client = self.client("postgres").await?;
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            let asked = "SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'";
            if !client.query(asked, &[]).await.map_err(|error| told(&error))?.is_empty() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Err("the standby does not follow".to_owned())
    }

    /// Pauses the primary or the standby (SIGSTOP) for a while. Nothing is confirmed while either is.
    pub(crate) async fn pause(&self, primary: bool, time: Duration) -> Result {
        let Some(server) = (if primary { &self.primary } else { &self.standby }) else { return Ok(()) };
        server.signal("STOP")?;
        tokio::time::sleep(time).await;
        server.signal("CONT")
    }

    /// Kills the primary and starts it again on its files.
    pub(crate) async fn restart(&mut self) -> Result {
        if let Some(server) = self.primary.take() {
            server.kill();
        }
        self.primary = Some(self.server(self.first)?);
        Ok(())
    }

    /// Kills the primary for good, makes the standby the primary, and gives it a standby anew.
    pub(crate) async fn fail_over(&mut self) -> Result {
        if let Some(server) = self.primary.take() {
            server.kill();
        }
        let other = 1 - self.first;
        let mut promote = self.programs.command("pg_ctl");
        promote.args(["promote", "--wait", "-D"]).arg(self.data(other));
        run(promote.stdout(Stdio::null()))?;
        self.first = other;
        self.primary = self.standby.take();
        self.attach().await
    }
}

/// What the server says.
fn told(error: &tokio_postgres::Error) -> String {
    error.as_db_error().map_or_else(|| error.to_string(), ToString::to_string)
}
