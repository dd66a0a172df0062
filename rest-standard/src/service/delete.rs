//! Delete: DELETE on a resource.

use std::sync::Arc;

use super::{
    call::Call,
    done::Done,
    plan::{After, Pending, Plan, Rule},
    session::Handle,
};
use crate::{
    descriptor::BoxFuture,
    document::etag,
    error::{Error, Reason, Result},
    query::Standard,
    store::{Count, Record, Scan, Scope},
    tree::Node,
    value::Path,
};

/// Checks the request.
pub(super) fn prepare(call: &mut Call) -> Result<()> {
    call.parse_query(&[Standard::Force, Standard::AllowMissing], false);
    call.refuse_faults()
}

/// Plans the delete.
pub(super) async fn plan(call: &Call, plan: &Arc<Plan>) -> Result<Done> {
    let (node, path) = (call.node(), &call.target.path);
    let Some(before) = plan.current(node, path).await? else {
        if let Some(owner) = node.owner
            && plan.exists(owner, path).await?.is_none()
        {
            return Err(Error::not_found("The resource above does not exist."));
        }
        if !call.parameters.allow_missing {
            return Err(Error::not_found("The resource does not exist."));
        }
        call.conditions.judge_write(None, node)?;
        return Ok(Done::Deleted { before: None });
    };
    call.conditions.judge_write(Some(&etag::of_revision(before.revision)), node)?;
    plan.delete(node, path, call.parameters.force).await?;
    Ok(Done::Deleted { before: Some(before) })
}

/// The most rows of one collection whose rules a forced delete asks; more would hold the row for too long.
const MOST_RULED: u64 = 1000;

impl Plan {
    /// Plans a delete, with everything below where `force` says so.
    pub(super) fn delete<'a>(
        self: &'a Arc<Self>,
        node: &'a Node,
        path: &'a Path,
        force: bool,
    ) -> BoxFuture<'a, Result<Arc<Record>>> {
        Box::pin(async move {
            if node.descriptor.is_singleton() {
                return Err(Error::internal(format!("the singleton `{}` cannot be deleted", node.address)));
            }
            let record = self.current(node, path).await?;
            let record = record.ok_or_else(|| Error::not_found("The resource does not exist."))?;
            self.run_delete_rules(node, &record).await?;
            let has_rules = self.has_rules_below(node);
            for child in self.child_collections(node) {
                if !force && self.has_rows_below(child, path).await? {
                    let name = child.descriptor.segment;
                    let description =
                        format!("The resource still has {name}; delete them first, or send `$force=true`.");
                    return Err(Error::new(Reason::HasChildren, description));
                }
                if force && has_rules {
                    self.delete_each(child, path).await?;
                }
            }
            // Where rules were asked one by one, a child that came meanwhile makes the commit fail, and is asked as well.
            let after = if force && !has_rules { After::DeleteTree } else { After::Delete };
            let mut inner = self.lock();
            inner.ruled.remove(&((node.id, path.clone()), Rule::Put));
            match inner.find_mut(node.id, path) {
                Some(pending) if pending.stored => pending.after = after,
                Some(pending) => pending.after = After::Nothing,
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

    fn has_rules_below(&self, node: &Node) -> bool {
        let below = self.api.tree.descendants(node.id);
        let mut below = below.iter().map(|child| self.api.tree.node(*child).descriptor);
        below.any(|child| child.rules.is_some() && !child.is_singleton())
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

    /// Whether the plan leaves rows of `child` below `path`.
    async fn has_rows_below(&self, child: &Node, path: &Path) -> Result<bool> {
        let (mut deleted, mut created) = (0, false);
        for pending in self.lock().pending.iter().filter(|pending| pending.place.0 == child.id) {
            if pending.place.1.0.starts_with(&path.0) {
                match pending.after {
                    After::Put(_) => created |= !pending.stored,
                    After::Delete | After::DeleteTree => deleted += 1,
                    After::Nothing => {}
                }
            }
        }
        if created {
            return Ok(true);
        }
        let page = self.api.store.scan(&first_of(child, path, deleted + 1)).await?;
        Ok(page.records.iter().any(|record| self.planned(child.id, &record.path) != Some(None)))
    }

    async fn delete_each(self: &Arc<Self>, child: &Node, path: &Path) -> Result<()> {
        let page = self.api.store.scan(&first_of(child, path, MOST_RULED)).await?;
        if page.more {
            let name = child.descriptor.segment;
            return Err(Error::failed_precondition(format!(
                "The resource has more than {MOST_RULED} {name}, whose rules must all be asked; delete them in parts first."
            )));
        }
        for record in page.records {
            if self.planned(child.id, &record.path) != Some(None) {
                self.delete(child, &record.path, true).await?;
            }
        }
        Ok(())
    }
}

fn first_of(node: &Node, parent: &Path, limit: u64) -> Scan {
    Scan {
        node: node.id,
        scope: Scope::Below(parent.clone()),
        equals: Vec::new(),
        order: Vec::new(),
        after: None,
        offset: 0,
        limit,
        bytes: usize::MAX,
        count: Count::None,
    }
}
