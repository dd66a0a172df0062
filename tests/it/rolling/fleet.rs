//! The replicas of a service: which there are, of which release, and which are about to end.
//!
//! Waiting for a program blocks the thread of the test, and clients go on in those of the runtime.

use std::{
    net::SocketAddr,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::program::{Program, Release};

/// A replica as clients know it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Replica {
    pub(super) release: Release,
    pub(super) address: SocketAddr,
}

#[derive(Debug)]
struct Slot {
    replica: Replica,
    /// None once it is asked to end; clients are not told.
    program: Option<Program>,
}

/// Programs on one database.
#[derive(Debug)]
pub(super) struct Fleet {
    database: String,
    slots: Mutex<Vec<Slot>>,
}

impl Fleet {
    pub(super) fn start(database: &str, releases: &[Release]) -> Self {
        let fleet = Self { database: database.to_owned(), slots: Mutex::default() };
        for release in releases {
            fleet.join(fleet.spawn(*release, &[]));
        }
        fleet
    }

    /// Starts a program that does not serve clients yet.
    pub(super) fn spawn(&self, release: Release, arguments: &[&str]) -> Program {
        Program::spawn(release, &self.database, arguments)
    }

    /// Waits until a program serves, and lets clients know it.
    pub(super) fn join(&self, program: Program) {
        let slot = serving(program);
        self.slots().push(slot);
    }

    /// Asks the replica at a place to end, and when it has ended starts a release there.
    pub(super) fn replace(&self, at: usize, release: Release) {
        self.take(at).end();
        let slot = serving(self.spawn(release, &[]));
        self.slots()[at] = slot;
    }

    /// Kills the replica at a place. Its address stays known to clients.
    pub(super) fn kill(&self, at: usize) {
        self.take(at).kill();
    }

    /// Asks all of them to end.
    pub(super) fn end(&self) {
        let slots = std::mem::take(&mut *self.slots());
        for program in slots.into_iter().filter_map(|slot| slot.program) {
            program.end();
        }
    }

    /// The program at a place, which clients still ask.
    fn take(&self, at: usize) -> Program {
        self.slots()[at].program.take().expect("a program is there")
    }

    /// What clients know.
    pub(super) fn replicas(&self) -> Vec<Replica> {
        self.slots().iter().map(|slot| slot.replica).collect()
    }

    /// Whether a replica has no reason to refuse a request.
    pub(super) fn serves(&self, address: SocketAddr) -> bool {
        self.slots().iter().any(|slot| slot.replica.address == address && slot.program.is_some())
    }

    fn slots(&self) -> MutexGuard<'_, Vec<Slot>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn serving(mut program: Program) -> Slot {
    let replica = Replica { release: program.release, address: program.address() };
    Slot { replica, program: Some(program) }
}
