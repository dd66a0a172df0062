//! References: a field that holds the id of another resource.
//!
//! A reference leads to a resource that is there and not soft-deleted, whatever happens at the same time: who sets one
//! expects its target to be live, and who deletes the target expects that nothing refers to it once the delete is done.

use std::sync::Arc;

use super::plan::{After, Plan};
use crate::{
    codec::{self, Audience},
    descriptor::OnDelete,
    error::{Error, Fault, Reason, Result},
    store::{Column, Count, Record, Scan, Scope},
    tree::{Node, NodeId},
    validate,
    value::{Id, Path, Value},
};

/// The most references that a delete sets to null; more would hold their rows for too long.
const MOST_SET: usize = 1000;

/// How many rows are looked at at a time, where most of them go with the resource.
const PAGE: u64 = 1000;

/// The resource that is deleted, and how.
#[derive(Clone, Copy)]
pub(super) struct Leaving<'a> {
    pub(super) node: &'a Node,
    pub(super) path: &'a Path,
    /// Whether it can be brought back, so that what it refers to itself still counts.
    pub(super) is_soft: bool,
    /// Whether everything below it goes with it.
    pub(super) takes_all: bool,
}

impl Plan {
    /// The references to resources that are not there. What a field held before is not judged again.
    pub(super) async fn dangling(
        &self,
        node: &Node,
        before: Option<&Record>,
        values: &[Value],
    ) -> Result<Vec<Fault>> {
        let mut faults = Vec::new();
        for (index, target) in &node.references {
            let value = &values[*index];
            let Some(id) = Id::of_value(value) else { continue };
            if before.is_some_and(|before| before.row.0[*index] == *value) {
                continue;
            }
            let found = self.live(*target, &Path(vec![id])).await?;
            let gone = match found {
                None => "",
                Some(found) if found.deletion.is_some() => " that is not deleted",
                Some(_) => continue,
            };
            let field = &node.descriptor.fields[*index];
            let shown = validate::excerpt(&codec::field_to_json(field, value, Audience::Client));
            let segment = self.api.tree.node(*target).descriptor.segment;
            let detail = format!("must be the id of one of `{segment}`{gone}, got {shown}");
            faults.push(Fault::pointer(Reason::InvalidValue, format!("/{}", field.name), detail));
        }
        Ok(faults)
    }

    /// Settles what refers to a resource that is deleted: it refuses the delete, or refers to nothing any more.
    pub(super) async fn settle_referrers(&self, leaving: Leaving<'_>) -> Result<()> {
        let Some(id) = leaving.path.id() else { return Ok(()) };
        let value = id.to_value();
        let mut left: Vec<String> = Vec::new();
        for (referrer, index) in &leaving.node.referrers {
            let referrer = self.api.tree.node(*referrer);
            let field = &referrer.descriptor.fields[*index];
            let on_delete = field.references.map(|reference| reference.on_delete);
            let most = if on_delete == Some(OnDelete::SetNull) { MOST_SET } else { 0 };
            let found = self.referring(referrer, *index, &value, leaving, most).await?;
            if found.len() > most {
                let name = format!("`{}` of `{}`", field.name, referrer.descriptor.segment);
                left.push(match most {
                    0 => name,
                    most => format!("{name}, more than {most} times"),
                });
                continue;
            }
            for record in found {
                // Its revision matters from here on.
                let before = self.current(referrer, &record.path).await?;
                let Some(before) = before.filter(|before| before.row.0[*index] == value) else { continue };
                let mut row = before.row.clone();
                row.0[*index] = Value::Null;
                self.set(referrer, &before.path, Some(&before), row);
            }
            self.lock().unreferenced.push((referrer.id, *index, value.clone()));
        }
        if left.is_empty() {
            return Ok(());
        }
        let text = format!(
            "The resource is referred to by {}; let these refer to another one, or to none, first.",
            left.join(" and ")
        );
        Err(Error::failed_precondition(text))
    }

    /// The resources that refer to one by the value as the plan leaves them, soft-deleted ones too: more than `most` where
    /// there are more.
    async fn referring(
        &self,
        referrer: &Node,
        index: usize,
        value: &Value,
        leaving: Leaving<'_>,
        most: usize,
    ) -> Result<Vec<Arc<Record>>> {
        let is_it = |record: &Record| record.row.0[index] == *value;
        let goes_along = leaving.takes_all && self.is_below(referrer, leaving.node.id);
        let goes_with_it = |path: &Path| {
            let own = referrer.id == leaving.node.id && *path == *leaving.path;
            (own && !leaving.is_soft) || (goes_along && path.0.starts_with(&leaving.path.0))
        };
        let (mut found, mut planned) = (Vec::new(), 0);
        for pending in self.lock().pending.iter().filter(|pending| pending.place.0 == referrer.id) {
            planned += 1;
            if let After::Put(record) = &pending.after
                && is_it(record)
                && !goes_with_it(&record.path)
            {
                found.push(record.clone());
            }
        }
        let mut scan = Scan {
            node: referrer.id,
            scope: if referrer.depth == 1 {
                Scope::Below(Path::default())
            } else {
                Scope::Across(Path::default())
            },
            live: false,
            equals: vec![(Column::Field(index), value.clone())],
            filter: None,
            search: Vec::new(),
            order: Vec::new(),
            after: None,
            offset: 0,
            limit: if goes_along { PAGE } else { most as u64 + planned + 2 },
            bytes: usize::MAX,
            count: Count::None,
        };
        loop {
            let page = self.api.store.scan(&scan).await?;
            let stored = page.records.iter().filter(|record| {
                self.planned(referrer.id, &record.path).is_none() && !goes_with_it(&record.path)
            });
            found.extend(stored.cloned());
            // What goes with the resource does not count, so that the page may have had too few others.
            if found.len() > most || !page.more {
                return Ok(found);
            }
            scan.offset += page.records.len() as u64;
        }
    }

    fn is_below(&self, node: &Node, above: NodeId) -> bool {
        std::iter::successors(node.parent, |parent| self.api.tree.node(*parent).parent)
            .any(|parent| parent == above)
    }
}
