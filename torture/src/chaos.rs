//! What goes wrong on purpose, one thing after the other, until the run is over.

use std::{
    collections::BTreeMap,
    fmt, fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use tokio::time::sleep;

use crate::{pair::Pair, replica::Replica};

/// Something that goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub(crate) enum Fault {
    /// A replica is killed.
    KillReplica,
    /// A replica is paused.
    PauseReplica,
    /// The primary or its standby is paused, all of its processes.
    PauseDatabase,
    /// The database server is killed and started again.
    RestartDatabase,
    /// The primary is lost and the standby takes its place.
    FailOver,
    /// The disk is full for a while.
    FullDisk,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::KillReplica => "replicas killed",
            Self::PauseReplica => "replicas paused",
            Self::PauseDatabase => "database servers paused",
            Self::RestartDatabase => "databases killed and started again",
            Self::FailOver => "primaries lost and standbys promoted",
            Self::FullDisk => "full disks",
        })
    }
}

/// What can be hit.
pub(crate) struct Targets {
    pub(crate) replicas: Vec<Replica>,
    pub(crate) pair: Option<Pair>,
    pub(crate) disk: Option<Disk>,
    /// Nothing else goes wrong; everything does where this is empty.
    pub(crate) only: Vec<Fault>,
}

impl Targets {
    fn faults(&self) -> Vec<Fault> {
        let mut faults = vec![Fault::KillReplica, Fault::PauseReplica];
        if self.pair.is_some() {
            faults.extend([Fault::PauseDatabase, Fault::RestartDatabase, Fault::FailOver]);
        }
        if self.disk.is_some() {
            faults.push(Fault::FullDisk);
        }
        faults.retain(|fault| self.only.is_empty() || self.only.contains(fault));
        faults
    }

    /// Lets things go wrong until `end`, each kind at least once; gives how often each did.
    pub(crate) async fn torture(
        &mut self,
        random: &mut fastrand::Rng,
        end: Instant,
    ) -> Result<BTreeMap<Fault, usize>, String> {
        let faults = self.faults();
        if faults.is_empty() {
            return Err("none of the faults can happen to this store".to_owned());
        }
        let mut happened = BTreeMap::new();
        let mut round = faults.clone();
        while Instant::now() < end || !round.is_empty() {
            if round.is_empty() {
                round.extend_from_slice(&faults);
            }
            let fault = round.swap_remove(random.usize(..round.len()));
            sleep(Duration::from_millis(random.u64(200..1_500))).await;
            self.happen(fault, random).await.map_err(|reason| format!("{fault}: {reason}"))?;
            *happened.entry(fault).or_default() += 1;
        }
        Ok(happened)
    }

    async fn happen(&mut self, fault: Fault, random: &mut fastrand::Rng) -> Result<(), String> {
        let at = random.usize(..self.replicas.len());
        match (fault, &mut self.pair, &mut self.disk) {
            (Fault::KillReplica, ..) => self.replicas[at].kill().await,
            (Fault::PauseReplica, ..) => {
                self.replicas[at].pause(Duration::from_millis(random.u64(200..2_500))).await
            }
            (Fault::PauseDatabase, Some(pair), _) => {
                pair.pause(random.bool(), Duration::from_millis(random.u64(200..2_500))).await
            }
            (Fault::RestartDatabase, Some(pair), _) => pair.restart().await,
            (Fault::FailOver, Some(pair), _) => pair.fail_over().await,
            (Fault::FullDisk, _, Some(disk)) => disk.fill(Duration::from_millis(1_500)).await,
            _ => Ok(()),
        }
    }
}

/// The size of a disk that is not full: that of an hour's writes, of which only what is written takes memory.
const ROOMY: &str = "size=8g";

/// A file system of a bounded size, in memory.
#[derive(Debug)]
pub(crate) struct Disk {
    folder: PathBuf,
}

impl Disk {
    /// Mounts it, which only root may.
    pub(crate) fn mount(folder: &Path) -> Result<Self, String> {
        fs::create_dir_all(folder).map_err(|error| error.to_string())?;
        let disk = Self { folder: folder.to_owned() };
        run(Command::new("mount").args(["-t", "tmpfs", "-o", ROOMY, "torture"]).arg(folder))?;
        Ok(disk)
    }

    /// Leaves no room for a while.
    async fn fill(&self, time: Duration) -> Result<(), String> {
        // What is taken and a little more, which is soon taken as well: a long run keeps more than there is memory to waste.
        let used = run(Command::new("df").args(["--block-size=1M", "--output=used"]).arg(&self.folder))?;
        let used: u64 = used.split_whitespace().last().and_then(|used| used.parse().ok()).unwrap_or_default();
        self.resize(&format!("size={}m", used + 16))?;
        let ballast = self.folder.join("ballast");
        let block = vec![0_u8; 1 << 20];
        let filled: std::io::Result<()> = (|| {
            let mut file = fs::File::create(&ballast)?;
            loop {
                std::io::Write::write_all(&mut file, &block)?;
            }
        })();
        let is_full = filled.is_err_and(|error| error.kind() == std::io::ErrorKind::StorageFull);
        sleep(time).await;
        fs::remove_file(&ballast).map_err(|error| error.to_string())?;
        self.resize(ROOMY)?;
        if is_full { Ok(()) } else { Err("the disk could not be filled".to_owned()) }
    }

    fn resize(&self, size: &str) -> Result<(), String> {
        run(Command::new("mount").arg("-o").arg(format!("remount,{size}")).arg(&self.folder)).map(drop)
    }
}

/// Runs a command, and gives what it printed.
fn run(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| error.to_string())?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.folder).status();
    }
}
