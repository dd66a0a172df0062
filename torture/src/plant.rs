//! Bugs on purpose, one for each invariant: a checker that lets one through checks nothing.

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use rest_standard::{
    store::{Expect, Page, Record, Scan, Write, WriteBatch},
    tree::NodeId,
    value::Path,
};
use rest_standard_conformance::Layer;

/// What is wrong with the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Bug {
    /// Some commits are confirmed and not made.
    LoseCommits,
    /// Request ids are not recorded.
    ForgetRequests,
    /// Revisions are not compared.
    IgnoreRevisions,
    /// Of a batch that changes several rows, some are half done.
    HalfBatches,
    /// Some reads give what was there before.
    StaleReads,
    /// Some pages leave out a row.
    SkipRows,
    /// Some changes are not recorded.
    LoseChanges,
}

impl fmt::Display for Bug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = clap::ValueEnum::to_possible_value(self);
        f.write_str(value.as_ref().map_or("", clap::builder::PossibleValue::get_name))
    }
}

/// The layer with the bug.
#[derive(Debug)]
pub(crate) struct Plant {
    bug: Bug,
    calls: AtomicU64,
    old: Mutex<HashMap<(NodeId, Path), Arc<Record>>>,
}

impl Plant {
    pub(crate) fn new(bug: Bug) -> Self {
        Self { bug, calls: AtomicU64::new(0), old: Mutex::default() }
    }

    /// Whether it is the turn of `bug`, once in so many calls.
    fn is_turn(&self, bug: Bug, of: u64) -> bool {
        self.bug == bug && self.calls.fetch_add(1, Ordering::Relaxed) % of == of - 1
    }
}

impl Layer for Plant {
    fn batch(&self, mut batch: WriteBatch) -> Option<WriteBatch> {
        if batch.writes.is_empty() {
            return Some(batch);
        }
        if self.is_turn(Bug::LoseCommits, 40) {
            return None;
        }
        match self.bug {
            Bug::ForgetRequests => batch.request = None,
            Bug::IgnoreRevisions => batch.expect.retain(|expect| !matches!(expect, Expect::Revision(..))),
            _ => {}
        }
        let updates = batch.writes.iter().filter(|write| matches!(write, Write::Update(..))).count();
        if updates > 1
            && self.is_turn(Bug::HalfBatches, 20)
            && let Some(at) = batch.writes.iter().position(|write| matches!(write, Write::Update(..)))
        {
            batch.writes.remove(at);
        }
        if batch.writes.iter().any(|write| matches!(write, Write::Append(_)))
            && self.is_turn(Bug::LoseChanges, 20)
        {
            batch.writes.retain(|write| !matches!(write, Write::Append(_)));
        }
        Some(batch)
    }

    fn page(&self, _: &Scan, page: &mut Page) {
        if page.records.len() > 2 && self.is_turn(Bug::SkipRows, 10) {
            page.records.remove(1);
        }
    }

    fn read(&self, node: NodeId, path: &Path, found: Option<Arc<Record>>) -> Option<Arc<Record>> {
        let found = found?;
        if self.bug == Bug::StaleReads {
            let mut old = self.old.lock().unwrap_or_else(PoisonError::into_inner);
            let key = (node, path.clone());
            if self.is_turn(Bug::StaleReads, 5) {
                return Some(old.get(&key).unwrap_or(&found).clone());
            }
            // What is kept lags behind.
            if !old.contains_key(&key) || self.calls.load(Ordering::Relaxed).is_multiple_of(7) {
                old.insert(key, found.clone());
            }
        }
        Some(found)
    }
}
