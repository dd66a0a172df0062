//! One process of the service, which is killed, paused and started again.

use std::{
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tokio::{net::TcpStream, time::sleep};

/// How long a service may take to listen.
const PATIENCE: Duration = Duration::from_secs(60);

/// How a replica is started.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) port: u16,
    /// `sqlite:…` or `postgres://…`.
    pub(crate) database: String,
    /// The bug that is planted in its store.
    pub(crate) bug: Option<String>,
    /// Where its log goes.
    pub(crate) log: PathBuf,
}

/// A replica; its process is killed when this is dropped.
#[derive(Debug)]
pub(crate) struct Replica {
    plan: Plan,
    process: Child,
}

impl Replica {
    pub(crate) async fn start(plan: Plan) -> Result<Self, String> {
        let process = spawn(&plan)?;
        let mut replica = Self { plan, process };
        replica.wait().await?;
        Ok(replica)
    }

    /// Kills the process (SIGKILL) and starts another one in its place.
    pub(crate) async fn kill(&mut self) -> Result<(), String> {
        self.process.kill().map_err(|error| error.to_string())?;
        self.process.wait().map_err(|error| error.to_string())?;
        self.process = spawn(&self.plan)?;
        self.wait().await
    }

    /// Pauses the process (SIGSTOP) for a while.
    pub(crate) async fn pause(&mut self, time: Duration) -> Result<(), String> {
        signal(self.process.id(), "-STOP")?;
        sleep(time).await;
        signal(self.process.id(), "-CONT")
    }

    /// Waits until it listens. While its database is away it does not start, and is started again.
    async fn wait(&mut self) -> Result<(), String> {
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            if self.process.try_wait().map_err(|error| error.to_string())?.is_some() {
                self.process = spawn(&self.plan)?;
            }
            if TcpStream::connect(("127.0.0.1", self.plan.port)).await.is_ok() {
                return Ok(());
            }
            sleep(Duration::from_millis(20)).await;
        }
        let log = std::fs::read_to_string(&self.plan.log).unwrap_or_default();
        let last: Vec<&str> = log.lines().rev().take(5).collect();
        Err(format!("the service did not start within {PATIENCE:?}: {last:?}"))
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn spawn(plan: &Plan) -> Result<Child, String> {
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    let log = std::fs::File::options()
        .create(true)
        .append(true)
        .open(&plan.log)
        .map_err(|error| error.to_string())?;
    let mut command = Command::new(own);
    command.arg("serve").arg("--listen").arg(format!("127.0.0.1:{}", plan.port));
    command.env("RUST_LOG", "warn");
    match &plan.bug {
        Some(bug) => command.env(crate::PLANT, bug).env(crate::PLANT_DATABASE, &plan.database),
        None => command.arg("--database").arg(&plan.database),
    };
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().map_err(|error| error.to_string())
}

pub(crate) fn signal(process: u32, signal: &str) -> Result<(), String> {
    let sent = Command::new("kill").args([signal, &process.to_string()]).status();
    match sent {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`kill {signal}` failed: {status}")),
        Err(error) => Err(format!("`kill` could not be run: {error}")),
    }
}
