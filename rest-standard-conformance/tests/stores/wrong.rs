//! Stores that forget one thing each: the kit says so, by the name of the fact.

use std::{marker::PhantomData, sync::Arc};

use rest_standard::store::{
    Capabilities, Capability, Expect, Scan, Store, Write, WriteBatch, memory::MemoryStore,
};
use rest_standard_conformance::{Layer, Layered, Place, failures};

/// Where the stores are that are right but for a layer.
struct Wrong<L>(PhantomData<fn() -> L>);

impl<L: Layer + Default> Place for Wrong<L> {
    async fn empty() -> Self {
        Self(PhantomData)
    }

    fn open(&self) -> Arc<dyn Store> {
        Arc::new(Layered::new(L::default(), Arc::new(MemoryStore::new())))
    }
}

/// The names of the facts that a store is caught by.
fn caught<L: Layer + Default>() -> Vec<&'static str> {
    failures::<Wrong<L>>().iter().map(|failure| failure.fact).collect()
}

#[derive(Default)]
struct Nothing;
impl Layer for Nothing {}

#[derive(Default)]
struct Revisions;
impl Layer for Revisions {
    fn batch(&self, mut batch: WriteBatch) -> Option<WriteBatch> {
        batch.expect.retain(|expect| !matches!(expect, Expect::Revision(..)));
        Some(batch)
    }
}

#[derive(Default)]
struct RequestIds;
impl Layer for RequestIds {
    fn batch(&self, batch: WriteBatch) -> Option<WriteBatch> {
        Some(WriteBatch { request: None, ..batch })
    }
}

#[derive(Default)]
struct Changes;
impl Layer for Changes {
    fn batch(&self, mut batch: WriteBatch) -> Option<WriteBatch> {
        batch.writes.retain(|write| !matches!(write, Write::Append(_)));
        Some(batch)
    }
}

#[derive(Default)]
struct Filters;
impl Layer for Filters {
    fn capabilities(&self, below: Capabilities) -> Capabilities {
        below.without(Capability::AcrossParents)
    }

    fn scan(&self, scan: &mut Scan) {
        scan.equals.clear();
    }
}

#[test]
fn a_store_that_forgets_nothing_is_not_caught() {
    assert_eq!(failures::<Wrong<Nothing>>(), []);
}

#[test]
fn a_store_that_forgets_preconditions_is_caught() {
    let caught = caught::<Revisions>();
    for fact in ["conflicts::another_revision_is_stale", "concurrency::no_increment_under_a_revision_is_lost"]
    {
        assert!(caught.contains(&fact), "{caught:?}");
    }
}

#[test]
fn a_store_that_forgets_request_ids_is_caught() {
    let caught = caught::<RequestIds>();
    for fact in [
        "conflicts::a_request_id_is_used_once_by_a_caller",
        "requests::a_record_is_found_as_it_was_committed",
    ] {
        assert!(caught.contains(&fact), "{caught:?}");
    }
}

#[test]
fn a_store_that_forgets_changes_is_caught() {
    assert!(caught::<Changes>().contains(&"changes::changes_are_numbered_from_one"));
}

/// What a store does not claim is refused, and hides nothing else.
#[test]
fn a_store_that_forgets_filters_is_caught_whatever_else_it_cannot_do() {
    let caught = caught::<Filters>();
    assert!(caught.contains(&"scan::every_query_gives_what_sorting_all_rows_gives"), "{caught:?}");
    assert!(!caught.iter().any(|fact| fact.starts_with("across::")), "{caught:?}");
}
