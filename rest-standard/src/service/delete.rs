//! Delete: DELETE on a resource.

use std::sync::Arc;

use super::{
    call::Call,
    done::Done,
    plan::{After, Pending, Plan, Rule},
    reference::Leaving,
    session::Handle,
};
use crate::{
    descriptor::BoxFuture,
    document::etag,
    error::{Error, Reason, Result},
    query::{Holds, Standard},
    store::{Record, Scan, Scope},
    tree::Node,
    value::Path,
};

/// Checks the request.
pub(super) fn prepare(call: &mut Call) -> Result<()> {
    call.parse_query(&Standard::DELETE, Holds::Other);
    call.refuse_faults()
}

/// Plans the delete.
pub(super) async fn plan(call: &Call, plan: &Arc<Plan>) -> Result<Done> {
    let (node, path) = (call.node(), &call.target.path);
    let found = plan.current(node, path).await?.filter(|found| found.deletion.is_none());
    let Some(before) = found else {
        plan.check_owner(node, path).await?;
        if !call.parameters.allow_missing {
            return Err(Error::not_found("The resource does not exist."));
        }
        call.conditions.judge_write(None, node)?;
        return Ok(Done::Deleted { before: None });
    };
    call.conditions.judge_write(Some(&etag::of_revision(before.revision)), node)?;
    let below = if call.parameters.force { Below::Delete } else { Below::RefuseOrForce };
    plan.delete(node, path, below).await?;
    if node.descriptor.soft_delete.is_some() {
        let description = "The resource was deleted; `:undelete` brings it back until `purgeAt`.";
        return Ok(Done::Changed { path: path.clone(), before, description });
    }
    Ok(Done::Deleted { before: Some(before) })
}

/// What becomes of the resources below a deleted one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Below {
    /// They refuse the delete.
    Refuse,
    /// They refuse the delete of a client, who can send `$force`.
    RefuseOrForce,
    /// They are deleted, too; what is below a resource that can be brought back stays as it is.
    Delete,
    /// They are deleted, too, and nothing can be brought back, since a resource above goes for good.
    DeleteForGood,
}

/// The most resources that a forced delete deletes one by one; more would hold the row for too long.
const MOST_ASKED: usize = 1000;

impl Plan {
    /// Plans a delete.
    pub(super) fn delete<'a>(
        self: &'a Arc<Self>,
        node: &'a Node,
        path: &'a Path,
        below: Below,
    ) -> BoxFuture<'a, Result<Arc<Record>>> {
        Box::pin(async move {
            if node.descriptor.is_singleton() {
                return Err(Error::internal(format!("the singleton `{}` cannot be deleted", node.address)));
            }
            let record = self.current(node, path).await?;
            let is_there = |record: &Arc<Record>| record.deletion.is_none() || below == Below::DeleteForGood;
            let record =
                record.filter(is_there).ok_or_else(|| Error::not_found("The resource does not exist."))?;
            if below != Below::DeleteForGood {
                self.check_live(node, path, None).await?;
            }
            if record.deletion.is_none() {
                self.run_delete_rules(node, &record).await?;
            }
            let is_soft = node.descriptor.soft_delete.is_some() && below != Below::DeleteForGood;
            let takes_all = matches!(below, Below::Delete | Below::DeleteForGood) && !is_soft;
            let whole = takes_all && !self.is_judged_below(node);
            let mut left = Vec::new();
            for child in self.child_collections(node) {
                if takes_all {
                    if !whole {
                        self.delete_each(child, path).await?;
                    }
                } else if below != Below::Delete {
                    if self.has_rows_below(child, path, is_soft).await? {
                        left.push(child.descriptor.segment);
                    } else if is_soft {
                        self.lock().empty.push((child.id, path.clone()));
                    }
                }
            }
            if !left.is_empty() {
                return Err(has_children(&left, below));
            }
            if record.deletion.is_none() {
                self.settle_referrers(Leaving { node, path, is_soft, takes_all }).await?;
            }
            let is_stored = self.lock().find(node.id, path).is_none_or(|pending| pending.stored);
            if is_soft && is_stored {
                self.lock().ruled.remove(&((node.id, path.clone()), Rule::Put));
                self.mark(node, &record, true);
                return Ok(record);
            }
            // Where rules were asked one by one, a child that came meanwhile makes the commit fail, and is asked as well.
            let after = if whole { After::DeleteTree } else { After::Delete };
            let mut inner = self.lock();
            inner.ruled.remove(&((node.id, path.clone()), Rule::Put));
            // A store deletes in the plan's order, so the children's deletes must come before this one, wherever an
            // earlier write of the resource stands.
            match inner.take(node.id, path) {
                Some(pending) if pending.stored => inner.push(Pending { after, ..pending }),
                Some(_) => {}
                None => inner.push(Pending {
                    place: (node.id, path.clone()),
                    before: Some(record.clone()),
                    stored: true,
                    after,
                }),
            }
            Ok(record)
        })
    }

    async fn run_delete_rules(self: &Arc<Self>, node: &Node, record: &Record) -> Result<()> {
        if let Some(rules) = node.descriptor.rules
            && self.lock().ruled.insert(((node.id, record.path.clone()), Rule::Delete))
        {
            (rules.on_delete)(record.row.clone(), Arc::new(Handle(self.clone())), record.path.clone())
                .await?;
        }
        Ok(())
    }

    /// Whether a type below has a delete rule, so that each resource there must be looked at.
    fn is_judged_below(self: &Arc<Self>, node: &Node) -> bool {
        let below = self.api.tree.descendants(node.id);
        let mut below = below.iter().map(|child| self.api.tree.node(*child).descriptor);
        below.any(|child| {
            let rules = child.rules.filter(|_| !child.is_singleton());
            rules.is_some_and(|rules| (rules.judges_delete)(Arc::new(Handle(self.clone()))))
        })
    }

    /// The collections directly below a resource, also through its singletons; change logs are not children.
    fn child_collections(&self, node: &Node) -> Vec<&Node> {
        let mut found = Vec::new();
        for child in node.children.iter().map(|child| self.api.tree.node(*child)) {
            if child.descriptor.is_singleton() {
                found.extend(self.child_collections(child));
            } else if !child.is_change_log {
                found.push(child);
            }
        }
        found
    }

    /// Whether the plan leaves rows of `child` below `path`; with `live`, whether it leaves any that are not soft-deleted.
    async fn has_rows_below(&self, child: &Node, path: &Path, live: bool) -> Result<bool> {
        let live = live && child.descriptor.soft_delete.is_some();
        let (mut deleted, mut created) = (0, false);
        for pending in self.lock().pending.iter().filter(|pending| pending.place.0 == child.id) {
            if pending.place.1.0.starts_with(&path.0) {
                match &pending.after {
                    After::Put(record) if live && record.deletion.is_some() => deleted += 1,
                    After::Put(_) => created |= !pending.stored,
                    After::Delete | After::DeleteTree => deleted += 1,
                    After::Nothing => {}
                }
            }
        }
        if created {
            return Ok(true);
        }
        let page = self.api.store.scan(&Scan { live, ..first_of(child, path, deleted + 1) }).await?;
        let stays = |record: &Arc<Record>| match self.planned(child.id, &record.path) {
            Some(planned) => planned.is_some_and(|planned| !(live && planned.deletion.is_some())),
            None => true,
        };
        Ok(page.records.iter().any(stays))
    }

    async fn delete_each(self: &Arc<Self>, child: &Node, path: &Path) -> Result<()> {
        let too_many = || {
            Error::failed_precondition(format!(
                "More than {MOST_ASKED} resources are below, which must be asked one by one; delete them in parts first."
            ))
        };
        let page = self.api.store.scan(&first_of(child, path, MOST_ASKED as u64)).await?;
        if page.more {
            return Err(too_many());
        }
        for record in page.records {
            if self.planned(child.id, &record.path) != Some(None) {
                if self.deletes() >= MOST_ASKED {
                    return Err(too_many());
                }
                self.delete(child, &record.path, Below::DeleteForGood).await?;
            }
        }
        for path in self.created_below(child, path) {
            self.delete(child, &path, Below::DeleteForGood).await?;
        }
        Ok(())
    }

    /// How many resources the plan deletes.
    fn deletes(&self) -> usize {
        let is_delete = |pending: &&Pending| matches!(pending.after, After::Delete | After::DeleteTree);
        self.lock().pending.iter().filter(is_delete).count()
    }

    /// What the plan itself would create directly below `path`, such as by the rules of what it deletes.
    fn created_below(&self, child: &Node, path: &Path) -> Vec<Path> {
        let inner = self.lock();
        let created = inner.pending.iter().filter(|pending| {
            let (node, place) = &pending.place;
            let is_new = !pending.stored && matches!(pending.after, After::Put(_));
            is_new && *node == child.id && place.0.starts_with(&path.0)
        });
        created.map(|pending| pending.place.1.clone()).collect()
    }
}

/// The refusal that names every collection with something in it.
fn has_children(collections: &[&str], below: Below) -> Error {
    let advice = if below == Below::RefuseOrForce { ", or send `$force=true`" } else { "" };
    let names = match collections {
        [others @ .., last] if !others.is_empty() => format!("{} and {last}", others.join(", ")),
        names => names.concat(),
    };
    Error::new(Reason::HasChildren, format!("The resource still has {names}; delete them first{advice}."))
}

fn first_of(node: &Node, parent: &Path, limit: u64) -> Scan {
    Scan::all(node.id, Scope::Below(parent.clone()), limit)
}
