//! Queries: filter, sort, page, in this order and over all rows of the scope.

use std::{cmp::Ordering, sync::Arc};

use super::{
    Table,
    compare::{compare_column, compare_value},
    condition::holds,
};
use crate::{
    descriptor::FieldDescriptor,
    search::finds,
    store::{Column, Count, Direction, Extent, Page, Record, Scan, Scope, Total},
};

/// All rows that match, in order: whoever has them has a snapshot, since a change puts another record in a row's place.
pub(super) fn all(table: &Table, fields: &[FieldDescriptor], scan: &Scan) -> Vec<Arc<Record>> {
    let mut records = matching(table, fields, scan);
    sort(&mut records, &whole_order(scan));
    records.into_iter().map(Arc::clone).collect()
}

pub(super) fn scan(table: &Table, fields: &[FieldDescriptor], scan: &Scan, extent: &Extent) -> Page {
    let mut records = matching(table, fields, scan);
    let total = total(scan.count, records.len() as u64);

    let order = whole_order(scan);
    sort(&mut records, &order);
    if let Some(after) = &scan.after {
        records.retain(|record| {
            first_difference(&order, |column, at| {
                after.get(at).map_or(Ordering::Equal, |value| compare_value(column, record, value))
            })
            .is_gt()
        });
    }

    let start = records.len().min(usize::try_from(scan.offset).unwrap_or(usize::MAX));
    let rest = &records[start..];
    let limit = usize::try_from(scan.limit).unwrap_or(usize::MAX);
    let mut bytes = 0;
    let fits = |record: &&&Arc<Record>| {
        let has_room = bytes < scan.bytes;
        bytes += extent.size(record);
        has_room
    };
    let end = rest.iter().take(limit).take_while(fits).count();
    Page {
        records: rest[..end].iter().map(|record| Arc::clone(record)).collect(),
        more: end < rest.len(),
        total,
    }
}

fn matching<'a>(table: &'a Table, fields: &[FieldDescriptor], scan: &'a Scan) -> Vec<&'a Arc<Record>> {
    let mut records: Vec<&Arc<Record>> = match &scan.scope {
        Scope::Below(parent) | Scope::Across(parent) => {
            table.below(parent).map(|(_, record)| record).collect()
        }
        Scope::Changes(owner, incarnation) => table.changes(owner, *incarnation).collect(),
    };
    records.retain(|record| {
        !(scan.live && record.deletion.is_some())
            && scan.equals.iter().all(|(column, value)| compare_value(*column, record, value).is_eq())
            && finds(&scan.search, fields, &record.row)
            && scan.filter.as_ref().is_none_or(|filter| holds(filter, record))
    });
    records
}

/// The order of a scan, which the id ends.
fn whole_order(scan: &Scan) -> Vec<(Column, Direction)> {
    let mut order = scan.order.clone();
    if !order.iter().any(|(column, _)| *column == Column::Id) {
        order.push((Column::Id, Direction::Ascending));
    }
    order
}

fn sort(records: &mut [&Arc<Record>], order: &[(Column, Direction)]) {
    records.sort_by(|a, b| first_difference(order, |column, _| compare_column(column, a, b)));
}

/// The first column that differs decides; `compare` gets it and its position in the order.
fn first_difference(order: &[(Column, Direction)], compare: impl Fn(Column, usize) -> Ordering) -> Ordering {
    let mut differences = order.iter().enumerate().map(|(at, (column, direction))| match direction {
        Direction::Ascending => compare(*column, at),
        Direction::Descending => compare(*column, at).reverse(),
    });
    differences.find(|difference| difference.is_ne()).unwrap_or(Ordering::Equal)
}

fn total(count: Count, found: u64) -> Option<Total> {
    match count {
        Count::None => None,
        Count::UpTo(limit) => Some(Total { count: found.min(limit), exact: found <= limit }),
        Count::Exact => Some(Total { count: found, exact: true }),
    }
}
