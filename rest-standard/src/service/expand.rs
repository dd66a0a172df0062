//! `$expand`: the resources that those of an answer refer to, each read once.

use std::collections::BTreeSet;

use super::Api;
use crate::{
    document::{Expanded, refers_to},
    error::Result,
    store::{Excerpt, Page},
    tree::Node,
    value::Path,
};

/// Reads what the fields of `records` refer to.
pub(super) async fn expand(
    api: &Api,
    node: &Node,
    fields: &[usize],
    records: &[Excerpt],
) -> Result<Option<Expanded>> {
    if fields.is_empty() {
        return Ok(None);
    }
    let mut expanded = Expanded::of(node, fields);
    for (index, target) in expanded.fields().to_vec() {
        let paths: BTreeSet<Path> = records.iter().filter_map(|record| refers_to(record, index)).collect();
        let paths: Vec<Path> = paths.into_iter().collect();
        for found in api.store.read_all(target, &paths).await?.into_iter().flatten() {
            expanded.add(target, found);
        }
    }
    Ok(Some(expanded))
}

/// Ends a page where its resources and what they refer to are too large together; one resource is always there.
pub(super) fn cut(page: &mut Page<Excerpt>, expanded: &Expanded, most: usize) {
    let mut bytes = 0;
    let fits = page.records.iter().take_while(|record| {
        let has_room = bytes < most;
        bytes += record.size() + expanded.size(record);
        has_room
    });
    let end = fits.count();
    if end < page.records.len() {
        page.records.truncate(end);
        page.more = true;
    }
}
