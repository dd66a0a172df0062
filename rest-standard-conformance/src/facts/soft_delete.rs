//! Rows that are marked as deleted: they stay rows, and only what asks for live ones passes them over.

use rest_standard::{
    store::{Count, Deletion, Expect, Record, Write, WriteBatch},
    value::{Id, Value},
};

use crate::{
    case::{Case, Outcome, later, paths, record},
    library::{DRAFT, NOTE, SHELF, draft, shelf, shelf_row, text},
};

/// A draft that was deleted at second 10 and goes for good at second 70.
fn marked(id: &str) -> Record {
    let deletion = Deletion { at: later(10), by: Some("bob".to_owned()), purge_at: later(70) };
    Record { deletion: Some(Box::new(deletion)), ..record(draft("a", id), vec![text(id)]) }
}

/// A shelf with a draft that is live, and one that is marked.
async fn given_drafts(case: &Case) -> Record {
    let gone = marked("gone");
    case.given([
        case.insert(&SHELF, shelf("a"), shelf_row("A")),
        case.insert(&DRAFT, draft("a", "live"), vec![text("live")]),
        case.insert(&DRAFT, draft("a", "gone"), vec![text("gone")]),
        Write::Update(case.node(&DRAFT), gone.clone()),
    ])
    .await;
    gone
}

pub(super) async fn a_mark_is_read_as_it_was_written_and_can_be_taken_off(case: Case) {
    let gone = given_drafts(&case).await;
    let read = case.read(&DRAFT, &gone.path).await.expect("a marked row is a row");
    assert_eq!((read.revision, &read.deletion), (gone.revision, &gone.deletion));
    let page = case.scan(&case.below(&DRAFT, shelf("a"))).await;
    assert_eq!(page.records.iter().filter(|record| record.deletion == gone.deletion).count(), 1);
    case.given([case.update(&DRAFT, gone.path.clone(), vec![text("gone")])]).await;
    assert_eq!(case.read(&DRAFT, &gone.path).await.expect("it is there").deletion, None);
}

pub(super) async fn a_scan_of_live_rows_leaves_marked_ones_out(case: Case) {
    let gone = given_drafts(&case).await;
    let mut scan = case.below(&DRAFT, shelf("a"));
    scan.count = Count::Exact;
    let page = case.scan(&scan).await;
    assert_eq!((paths(&page).len(), page.total.map(|total| total.count)), (2, Some(2)));
    scan.live = true;
    let page = case.scan(&scan).await;
    assert_eq!((paths(&page), page.total.map(|total| total.count)), (vec![draft("a", "live")], Some(1)));
    // The count follows the mark, and the row that goes for good.
    case.given([case.update(&DRAFT, gone.path.clone(), vec![text("gone")])]).await;
    assert_eq!(case.scan(&scan).await.total.map(|total| total.count), Some(2));
    case.given([Write::Update(case.node(&DRAFT), marked("live"))]).await;
    case.given([case.delete_tree(&DRAFT, draft("a", "live"))]).await;
    assert_eq!(case.scan(&scan).await.total.map(|total| total.count), Some(1));
}

pub(super) async fn a_live_row_is_there_and_not_marked(case: Case) {
    given_drafts(&case).await;
    let drafts = case.node(&DRAFT);
    for (id, outcome) in [("live", Outcome::Committed), ("gone", Outcome::Stale), ("never", Outcome::Stale)] {
        assert_eq!(case.expect([Expect::Live(drafts, draft("a", id))]).await, outcome, "{id}");
    }
    assert_eq!(case.expect([Expect::Exists(drafts, draft("a", "gone"))]).await, Outcome::Committed);
}

pub(super) async fn a_collection_with_marked_rows_alone_is_empty(case: Case) {
    given_drafts(&case).await;
    let empty = || Expect::Empty(case.node(&DRAFT), shelf("a"));
    assert_eq!(case.expect([empty()]).await, Outcome::Stale);
    // It is judged by what the writes leave.
    let mark = Write::Update(case.node(&DRAFT), marked("live"));
    let batch = WriteBatch { expect: vec![empty()], writes: vec![mark], request: None };
    assert_eq!(case.commit(batch).await, Outcome::Committed);
    assert_eq!(case.expect([empty()]).await, Outcome::Committed);
    let add = case.insert(&DRAFT, draft("a", "new"), vec![Value::Null]);
    let batch = WriteBatch { expect: vec![empty()], writes: vec![add], request: None };
    assert_eq!(case.commit(batch).await, Outcome::Stale);
    // Where rows cannot be marked, each counts.
    let notes = || Expect::Empty(case.node(&NOTE), draft("a", "gone"));
    assert_eq!(case.expect([notes()]).await, Outcome::Committed);
    case.given([case.insert(&NOTE, draft("a", "gone").join(Id::Integer(1)), vec![Value::Null])]).await;
    assert_eq!(case.expect([notes()]).await, Outcome::Stale);
}

pub(super) async fn rows_are_expired_from_their_time_on(case: Case) {
    let gone = given_drafts(&case).await;
    let expired =
        async |now, limit| case.store.expired(case.node(&DRAFT), now, limit).await.expect("it is read");
    assert_eq!(expired(later(69), 10).await, []);
    assert_eq!(expired(later(70), 10).await, [(gone.path.clone(), gone.revision)]);
    case.given([Write::Update(case.node(&DRAFT), marked("live"))]).await;
    assert_eq!(expired(later(71), 10).await.len(), 2);
    assert_eq!(expired(later(71), 1).await.len(), 1);
    case.given([case.update(&DRAFT, gone.path.clone(), vec![Value::Null])]).await;
    assert_eq!(expired(later(71), 10).await.len(), 1);
}

pub(super) async fn marked_rows_keep_their_unique_value(case: Case) {
    given_drafts(&case).await;
    let other = case.insert(&DRAFT, draft("a", "other"), vec![text("gone")]);
    assert_eq!(case.write([other]).await, Outcome::Unique);
}
