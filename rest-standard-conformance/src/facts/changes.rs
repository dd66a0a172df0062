//! The change log: counted for each incarnation of its resource, and kept after it.

use rest_standard::{
    store::{Change, Column, Count, Direction, Record, Scan, Total, Write, WriteBatch},
    tree::CHANGE_METHOD,
    value::{Id, Path, Row, Value},
};
use serde_json::json;

use crate::{
    case::{Case, Outcome, changes, draw, later, record},
    library::{BOOK, SETTINGS, SHELF, book, book_row, root, shelf, shelf_row, text},
};

fn ids(ids: std::ops::RangeInclusive<i64>) -> Vec<Value> {
    ids.map(Value::Integer).collect()
}

/// A shelf that is there; gives its incarnation.
async fn given_a_shelf(case: &Case) -> i64 {
    let record = record(shelf("a"), shelf_row("A"));
    let incarnation = record.incarnation;
    case.given([Write::Insert(case.node(&SHELF), record)]).await;
    incarnation
}

async fn read_change(case: &Case, path: &Path, incarnation: i64, id: i64) -> Option<Record> {
    let path = path.join(Id::Integer(id));
    let record = case.store.read_change(case.log(&SHELF), &path, incarnation).await.expect("reads");
    record.map(|record| (*record).clone())
}

pub(super) async fn a_change_is_a_record_with_all_framework_fields(case: Case) {
    let incarnation = given_a_shelf(&case).await;
    case.given([case.append(&SHELF, shelf("a"), incarnation)]).await;
    let expected = Record {
        path: shelf("a").join(Id::Integer(1)),
        revision: incarnation + 1,
        incarnation,
        change_count: 0,
        created_at: later(7),
        created_by: Some("bob".to_owned()),
        updated_at: later(7),
        updated_by: Some("bob".to_owned()),
        deletion: None,
        row: Row(vec![text("r-1"), text("Update"), Value::Json(json!({"pages": 7, "tags": null}))]),
    };
    assert_eq!(read_change(&case, &shelf("a"), incarnation, 1).await.as_ref(), Some(&expected));
    let page = case.scan(&changes(case.log(&SHELF), shelf("a"), incarnation)).await;
    assert_eq!(*page.records[0], expected);
}

pub(super) async fn changes_are_numbered_from_one(case: Case) {
    let incarnation = given_a_shelf(&case).await;
    let append = || case.append(&SHELF, shelf("a"), incarnation);
    case.given([append()]).await;
    case.given([append(), append()]).await;
    case.given([append()]).await;
    assert_eq!(case.change_ids(&SHELF, &shelf("a"), incarnation).await, ids(1..=4));
    assert_eq!(case.read(&SHELF, &shelf("a")).await.expect("is there").change_count, 4);
}

pub(super) async fn an_old_change_is_found_and_forgotten(case: Case) {
    let incarnation = given_a_shelf(&case).await;
    let log = case.log(&SHELF);
    for second in [10, 20, 30, 40] {
        let Write::Append(change) = case.append(&SHELF, shelf("a"), incarnation) else { return };
        case.given([Write::Append(Change { at: later(second), ..change })]).await;
    }
    let entry = |id: i64| (shelf("a").join(Id::Integer(id)), incarnation);
    let aged =
        async |second, limit| case.store.aged_changes(log, later(second), limit).await.expect("answers");
    assert_eq!(aged(10, 10).await, []);
    assert_eq!(aged(30, 10).await, [entry(1), entry(2)]);
    assert_eq!(aged(40, 1).await, [entry(1)]);
    // A page that has all of them need not be counted.
    let total = || Scan { count: Count::Exact, limit: 1, ..changes(log, shelf("a"), incarnation) };
    assert_eq!(case.scan(&total()).await.total, Some(Total { count: 4, exact: true }));
    let forget = |id| {
        let (path, incarnation) = entry(id);
        Write::Forget(log, path, incarnation)
    };
    // One of them is gone already, as another replica was first; one is of another incarnation.
    case.given([forget(1)]).await;
    let (path, _) = entry(3);
    case.given([forget(1), forget(2), Write::Forget(log, path, incarnation ^ 1)]).await;
    assert_eq!(case.change_ids(&SHELF, &shelf("a"), incarnation).await, ids(3..=4));
    assert_eq!(read_change(&case, &shelf("a"), incarnation, 2).await, None);
    assert_eq!(case.scan(&total()).await.total, Some(Total { count: 2, exact: true }));
    // The count goes on, also where nothing is left.
    case.given([forget(3), forget(4)]).await;
    case.given([case.append(&SHELF, shelf("a"), incarnation)]).await;
    assert_eq!(case.change_ids(&SHELF, &shelf("a"), incarnation).await, ids(5..=5));
    assert_eq!(case.read(&SHELF, &shelf("a")).await.expect("is there").change_count, 5);
}

pub(super) async fn a_batch_that_is_refused_forgets_nothing(case: Case) {
    let incarnation = given_a_shelf(&case).await;
    case.given([case.append(&SHELF, shelf("a"), incarnation)]).await;
    let path = shelf("a").join(Id::Integer(1));
    let batch = WriteBatch {
        expect: vec![],
        writes: vec![
            Write::Forget(case.log(&SHELF), path, incarnation),
            case.insert(&SHELF, shelf("a"), shelf_row("A")),
        ],
        request: None,
    };
    assert_eq!(case.commit(batch).await, Outcome::Stale);
    assert_eq!(case.change_ids(&SHELF, &shelf("a"), incarnation).await, ids(1..=1));
}

pub(super) async fn a_change_leaves_the_rest_of_its_resource(case: Case) {
    let incarnation = given_a_shelf(&case).await;
    let before = case.read(&SHELF, &shelf("a")).await.expect("is there");
    case.given([case.append(&SHELF, shelf("a"), incarnation)]).await;
    assert_eq!(case.read(&SHELF, &shelf("a")).await, Some(Record { change_count: 1, ..before }));
}

pub(super) async fn each_resource_has_changes_of_its_own(case: Case) {
    let incarnation = given_a_shelf(&case).await;
    let other = record(shelf("b"), shelf_row("B"));
    let below = record(book("a", 1), book_row(1));
    let (other_incarnation, below_incarnation) = (other.incarnation, below.incarnation);
    case.given([Write::Insert(case.node(&SHELF), other), Write::Insert(case.node(&BOOK), below)]).await;
    case.given([
        case.append(&SHELF, shelf("a"), incarnation),
        case.append(&SHELF, shelf("b"), other_incarnation),
        case.append(&BOOK, book("a", 1), below_incarnation),
        case.append(&BOOK, book("a", 1), below_incarnation),
    ])
    .await;
    assert_eq!(case.change_ids(&SHELF, &shelf("a"), incarnation).await, ids(1..=1));
    assert_eq!(case.change_ids(&SHELF, &shelf("b"), other_incarnation).await, ids(1..=1));
    assert_eq!(case.change_ids(&BOOK, &book("a", 1), below_incarnation).await, ids(1..=2));
}

pub(super) async fn the_change_of_a_delete_stays_in_the_log(case: Case) {
    let incarnation = given_a_shelf(&case).await;
    case.given([case.append(&SHELF, shelf("a"), incarnation)]).await;
    case.given([case.delete(&SHELF, shelf("a")), case.append(&SHELF, shelf("a"), incarnation)]).await;
    assert_eq!(case.change_ids(&SHELF, &shelf("a"), incarnation).await, ids(1..=2));
    assert!(read_change(&case, &shelf("a"), incarnation, 2).await.is_some());
}

pub(super) async fn the_changes_of_a_deleted_tree_stay_in_the_log(case: Case) {
    let incarnation = given_a_shelf(&case).await;
    let below = record(book("a", 1), book_row(1));
    let below_incarnation = below.incarnation;
    case.given([Write::Insert(case.node(&BOOK), below), case.append(&BOOK, book("a", 1), below_incarnation)])
        .await;
    case.given([case.delete_tree(&SHELF, shelf("a")), case.append(&SHELF, shelf("a"), incarnation)]).await;
    assert_eq!(case.change_ids(&SHELF, &shelf("a"), incarnation).await, ids(1..=1));
    assert_eq!(case.change_ids(&BOOK, &book("a", 1), below_incarnation).await, ids(1..=1));
}

pub(super) async fn an_id_made_anew_starts_without_changes(case: Case) {
    let first = given_a_shelf(&case).await;
    case.given([case.append(&SHELF, shelf("a"), first), case.append(&SHELF, shelf("a"), first)]).await;
    case.given([case.delete(&SHELF, shelf("a"))]).await;
    let second = given_a_shelf(&case).await;
    assert_eq!(case.change_ids(&SHELF, &shelf("a"), second).await, []);
    assert_eq!(read_change(&case, &shelf("a"), second, 1).await, None);
    case.given([case.append(&SHELF, shelf("a"), second)]).await;
    assert_eq!(case.change_ids(&SHELF, &shelf("a"), second).await, ids(1..=1));
    assert_eq!(case.change_ids(&SHELF, &shelf("a"), first).await, ids(1..=2));
}

pub(super) async fn a_late_change_of_an_earlier_incarnation_is_counted_there(case: Case) {
    let first = given_a_shelf(&case).await;
    case.given([case.append(&SHELF, shelf("a"), first)]).await;
    case.given([case.delete(&SHELF, shelf("a"))]).await;
    given_a_shelf(&case).await;
    case.given([case.append(&SHELF, shelf("a"), first)]).await;
    assert_eq!(case.change_ids(&SHELF, &shelf("a"), first).await, ids(1..=2));
    assert_eq!(case.read(&SHELF, &shelf("a")).await.expect("is there").change_count, 0);
}

pub(super) async fn an_absent_singleton_can_have_changes(case: Case) {
    let incarnation = draw();
    let append = || case.append(&SETTINGS, root(), incarnation);
    case.given([append(), append()]).await;
    assert_eq!(case.change_ids(&SETTINGS, &root(), incarnation).await, ids(1..=2));
}

pub(super) async fn changes_are_listed_like_other_resources(case: Case) {
    let incarnation = given_a_shelf(&case).await;
    let append = || case.append(&SHELF, shelf("a"), incarnation);
    case.given((0..12).map(|_| append()).collect::<Vec<_>>()).await;
    let mut scan = changes(case.log(&SHELF), shelf("a"), incarnation);
    scan.order = vec![(Column::Id, Direction::Descending)];
    scan.limit = 2;
    scan.count = Count::UpTo(10);
    scan.after = Some(vec![Value::Integer(11), Value::Integer(11)]);
    let page = case.scan(&scan).await;
    let found: Vec<_> = page.records.iter().map(|record| record.path.id().cloned()).collect();
    assert_eq!(found, [Some(Id::Integer(10)), Some(Id::Integer(9))]);
    assert!(page.more);
    assert_eq!(page.total, Some(Total { count: 10, exact: false }));
    scan.equals = vec![(Column::Field(CHANGE_METHOD), text("Create"))];
    assert!(case.scan(&scan).await.records.is_empty());
}
