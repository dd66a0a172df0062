//! The changes at the end of a batch, which a row's own statement can count.

use std::collections::HashMap;

use crate::{
    store::{Write, WriteBatch},
    tree::NodeId,
    value::Path,
};

/// The appends at the end of a batch, which a row's own statement can count.
#[derive(Debug)]
pub(crate) struct Appends<'a> {
    /// Where they begin: no delete comes after.
    start: usize,
    /// By owner: the first one's incarnation, and how many there are of it.
    counts: HashMap<(NodeId, &'a Path), (i64, i64)>,
}

impl<'a> Appends<'a> {
    pub(crate) fn new(batch: &'a WriteBatch) -> Self {
        let tail = batch.writes.iter().rev().take_while(|write| matches!(write, Write::Append(_))).count();
        let start = batch.writes.len() - tail;
        let mut counts = HashMap::new();
        for write in &batch.writes[start..] {
            if let Write::Append(change) = write {
                let (first, count) =
                    counts.entry((change.owner, &change.path)).or_insert((change.incarnation, 0));
                *count += i64::from(*first == change.incarnation);
            }
        }
        Self { start, counts }
    }

    /// How many appends are to this incarnation of a row that is written at `at` and stays.
    pub(crate) fn after(&self, at: usize, node: NodeId, path: &Path, incarnation: i64) -> i64 {
        match self.counts.get(&(node, path)) {
            Some((first, count)) if *first == incarnation && at < self.start => *count,
            _ => 0,
        }
    }
}
