//! Every reason why a batch is refused, and that a refused batch leaves nothing behind.

use rest_standard::{
    store::{Expect, Write, WriteBatch},
    value::{Row, Value},
};

use crate::{
    case::{Case, Outcome, record, request},
    library::{
        BOOK, BULB, ISBN, LAMP, LOAN, SETTINGS, SHELF, TERMS, TICKET, book, book_row, bulb, root, shelf,
        shelf_row, text, ticket,
    },
};

/// A shelf that is there, with its record.
async fn given_a_shelf(case: &Case) -> rest_standard::store::Record {
    let record = record(shelf("a"), shelf_row("A"));
    case.given([Write::Insert(case.node(&SHELF), record.clone())]).await;
    record
}

/// The fields of a book with a number of its own.
fn numbered(isbn: &str) -> Vec<Value> {
    let mut row = book_row(1);
    row[ISBN] = text(isbn);
    row
}

pub(super) async fn expectations_that_hold_are_committed(case: Case) {
    let there = given_a_shelf(&case).await;
    let (shelves, settings) = (case.node(&SHELF), case.node(&SETTINGS));
    let outcome = case
        .expect([
            Expect::Revision(shelves, shelf("a"), there.revision),
            Expect::Exists(shelves, shelf("a")),
            Expect::Absent(shelves, shelf("b")),
            Expect::Absent(settings, root()),
        ])
        .await;
    assert_eq!(outcome, Outcome::Committed);
}

pub(super) async fn another_revision_is_stale(case: Case) {
    let there = given_a_shelf(&case).await;
    let expect = Expect::Revision(case.node(&SHELF), shelf("a"), there.revision);
    case.given([case.update(&SHELF, shelf("a"), shelf_row("A"))]).await;
    assert_eq!(case.expect([expect]).await, Outcome::Stale);
}

pub(super) async fn the_revision_of_an_absent_row_is_stale(case: Case) {
    assert_eq!(case.expect([Expect::Revision(case.node(&SHELF), shelf("a"), 0)]).await, Outcome::Stale);
}

pub(super) async fn an_absent_row_that_should_exist_is_stale(case: Case) {
    assert_eq!(case.expect([Expect::Exists(case.node(&SHELF), shelf("a"))]).await, Outcome::Stale);
    assert_eq!(case.expect([Expect::Exists(case.node(&SETTINGS), root())]).await, Outcome::Stale);
}

pub(super) async fn a_row_that_should_be_absent_is_stale(case: Case) {
    given_a_shelf(&case).await;
    assert_eq!(case.expect([Expect::Absent(case.node(&SHELF), shelf("a"))]).await, Outcome::Stale);
}

pub(super) async fn expectations_are_about_the_state_before_the_writes(case: Case) {
    let batch = WriteBatch {
        expect: vec![Expect::Absent(case.node(&SHELF), shelf("a"))],
        writes: vec![case.insert(&SHELF, shelf("a"), shelf_row("A"))],
        request: None,
    };
    assert_eq!(case.commit(batch).await, Outcome::Committed);
}

pub(super) async fn what_belongs_to_a_new_row_is_absent_before_it(case: Case) {
    given_a_shelf(&case).await;
    let (path, loans) = (book("a", 1), case.node(&LOAN));
    let absent =
        || vec![Expect::Absent(loans, path.clone()), Expect::Absent(case.node(&TERMS), path.clone())];
    let insert = || case.insert(&BOOK, path.clone(), book_row(1));
    let batch = WriteBatch { expect: absent(), writes: vec![insert()], request: None };
    assert_eq!(case.commit(batch).await, Outcome::Committed);
    // Unless the row was there with what belongs to it, and is made anew.
    case.given([case.insert(&LOAN, path.clone(), vec![Value::Null])]).await;
    let anew = || vec![case.delete_tree(&BOOK, path.clone()), insert()];
    let batch = WriteBatch { expect: absent(), writes: anew(), request: None };
    assert_eq!(case.commit(batch).await, Outcome::Stale);
    case.given(anew()).await;
    assert_eq!(case.expect(absent()).await, Outcome::Committed);
}

pub(super) async fn inserting_a_taken_key_is_stale(case: Case) {
    given_a_shelf(&case).await;
    assert_eq!(case.write([case.insert(&SHELF, shelf("a"), shelf_row("B"))]).await, Outcome::Stale);
    let twice = [
        case.insert(&TICKET, ticket(1), vec![Value::Null]),
        case.insert(&TICKET, ticket(1), vec![Value::Null]),
    ];
    assert_eq!(case.write(twice).await, Outcome::Stale);
}

pub(super) async fn inserting_below_a_missing_owner_is_stale(case: Case) {
    given_a_shelf(&case).await;
    for write in [
        case.insert(&BOOK, book("b", 1), book_row(1)),
        case.insert(&LAMP, shelf("b"), vec![Value::Null]),
        case.insert(&BULB, bulb("b", 1), vec![Value::Null]),
        case.insert(&LOAN, book("a", 1), vec![Value::Null]),
    ] {
        assert_eq!(case.write([write]).await, Outcome::Stale);
    }
}

pub(super) async fn a_collection_below_an_absent_singleton_needs_its_owner_only(case: Case) {
    given_a_shelf(&case).await;
    case.given([case.insert(&BULB, bulb("a", 1), vec![Value::Null])]).await;
}

pub(super) async fn updating_an_absent_row_is_stale(case: Case) {
    assert_eq!(case.write([case.update(&SHELF, shelf("a"), shelf_row("A"))]).await, Outcome::Stale);
    assert_eq!(case.write([case.update(&SETTINGS, root(), vec![Value::Null])]).await, Outcome::Stale);
}

pub(super) async fn a_unique_value_is_taken_once_in_the_whole_table(case: Case) {
    given_a_shelf(&case).await;
    case.given([
        case.insert(&SHELF, shelf("b"), shelf_row("B")),
        case.insert(&BOOK, book("a", 1), numbered("1")),
        case.insert(&BOOK, book("b", 2), numbered("2")),
    ])
    .await;
    assert_eq!(case.write([case.insert(&BOOK, book("b", 3), numbered("1"))]).await, Outcome::Unique);
    assert_eq!(case.write([case.update(&BOOK, book("b", 2), numbered("1"))]).await, Outcome::Unique);
    assert_eq!(case.write([case.insert(&SHELF, shelf("c"), shelf_row("A"))]).await, Outcome::Unique);
}

pub(super) async fn a_unique_value_is_taken_once_in_a_batch(case: Case) {
    let twice =
        [case.insert(&SHELF, shelf("a"), shelf_row("A")), case.insert(&SHELF, shelf("b"), shelf_row("A"))];
    assert_eq!(case.write(twice).await, Outcome::Unique);
}

pub(super) async fn unique_text_is_compared_exactly(case: Case) {
    let codes = ["A", "a", "A ", "\u{c4}", "A\u{308}"];
    for (at, code) in codes.into_iter().enumerate() {
        case.given([case.insert(&SHELF, shelf(&format!("s{at}")), shelf_row(code))]).await;
    }
}

pub(super) async fn null_is_free_in_a_unique_field(case: Case) {
    given_a_shelf(&case).await;
    case.given([
        case.insert(&BOOK, book("a", 1), book_row(1)),
        case.insert(&BOOK, book("a", 2), book_row(1)),
        case.update(&BOOK, book("a", 2), book_row(2)),
    ])
    .await;
}

pub(super) async fn a_row_keeps_its_own_unique_value(case: Case) {
    given_a_shelf(&case).await;
    case.given([case.update(&SHELF, shelf("a"), shelf_row("A"))]).await;
}

pub(super) async fn a_unique_value_is_free_once_it_is_given_up(case: Case) {
    given_a_shelf(&case).await;
    case.given([
        case.update(&SHELF, shelf("a"), shelf_row("B")),
        case.insert(&SHELF, shelf("b"), shelf_row("A")),
        case.delete(&SHELF, shelf("a")),
        case.insert(&SHELF, shelf("c"), shelf_row("B")),
    ])
    .await;
    case.given([
        case.insert(&BOOK, book("b", 1), numbered("1")),
        case.delete_tree(&SHELF, shelf("b")),
        case.insert(&BOOK, book("c", 1), numbered("1")),
    ])
    .await;
}

pub(super) async fn a_row_with_children_cannot_be_deleted(case: Case) {
    given_a_shelf(&case).await;
    case.given([case.insert(&BOOK, book("a", 1), book_row(1))]).await;
    assert_eq!(case.write([case.delete(&SHELF, shelf("a"))]).await, Outcome::HasChildren);
    case.given([case.delete(&BOOK, book("a", 1)), case.delete(&SHELF, shelf("a"))]).await;
}

pub(super) async fn a_row_with_children_below_a_singleton_cannot_be_deleted(case: Case) {
    given_a_shelf(&case).await;
    case.given([case.insert(&BULB, bulb("a", 1), vec![Value::Null])]).await;
    assert_eq!(case.write([case.delete(&SHELF, shelf("a"))]).await, Outcome::HasChildren);
    case.given([case.insert(&LAMP, shelf("a"), vec![Value::Null])]).await;
    assert_eq!(case.write([case.delete(&SHELF, shelf("a"))]).await, Outcome::HasChildren);
    assert!(case.read(&LAMP, &shelf("a")).await.is_some(), "the singleton is still there");
}

pub(super) async fn changes_are_no_children(case: Case) {
    let there = given_a_shelf(&case).await;
    case.given([case.append(&SHELF, shelf("a"), there.incarnation)]).await;
    case.given([case.delete(&SHELF, shelf("a"))]).await;
}

pub(super) async fn a_request_id_is_used_once_by_a_caller(case: Case) {
    let batch = |caller, id| WriteBatch { request: Some(request(caller, id)), ..WriteBatch::default() };
    assert_eq!(case.commit(batch("ann", "1")).await, Outcome::Committed);
    assert_eq!(case.commit(batch("ann", "1")).await, Outcome::RequestIdUsed);
    assert_eq!(case.commit(batch("ann", "2")).await, Outcome::Committed);
    assert_eq!(case.commit(batch("", "1")).await, Outcome::Committed);
    assert_eq!(case.commit(batch("", "1")).await, Outcome::RequestIdUsed);
}

pub(super) async fn of_several_conflicts_the_first_kind_is_named(case: Case) {
    given_a_shelf(&case).await;
    case.given([case.insert(&BOOK, book("a", 1), book_row(1))]).await;
    let used = WriteBatch { request: Some(request("ann", "1")), ..WriteBatch::default() };
    assert_eq!(case.commit(used.clone()).await, Outcome::Committed);

    let has_children = case.delete(&SHELF, shelf("a"));
    let unique = case.insert(&SHELF, shelf("b"), shelf_row("A"));
    let stale = Expect::Exists(case.node(&SHELF), shelf("c"));
    let mut batch = WriteBatch { writes: vec![unique, has_children], ..WriteBatch::default() };
    assert_eq!(case.commit(batch.clone()).await, Outcome::Unique);
    batch.expect.push(stale);
    assert_eq!(case.commit(batch.clone()).await, Outcome::Stale);
    batch.request = used.request;
    assert_eq!(case.commit(batch).await, Outcome::RequestIdUsed);
}

pub(super) async fn a_stale_write_is_named_before_a_unique_value(case: Case) {
    given_a_shelf(&case).await;
    let writes =
        [case.insert(&SHELF, shelf("b"), shelf_row("A")), case.insert(&SHELF, shelf("a"), shelf_row("C"))];
    assert_eq!(case.write(writes).await, Outcome::Stale);
    assert_eq!(case.write([case.insert(&SHELF, shelf("a"), shelf_row("A"))]).await, Outcome::Stale);
    case.given([case.insert(&BOOK, book("a", 1), numbered("1"))]).await;
    assert_eq!(case.write([case.insert(&BOOK, book("none", 1), numbered("1"))]).await, Outcome::Stale);
}

pub(super) async fn a_refused_batch_changes_nothing(case: Case) {
    let there = given_a_shelf(&case).await;
    case.given([
        case.insert(&LAMP, shelf("a"), vec![Value::Integer(1)]),
        case.insert(&BULB, bulb("a", 1), vec![Value::Integer(1)]),
        case.insert(&TICKET, ticket(1), vec![Value::Integer(1)]),
    ])
    .await;
    let batch = WriteBatch {
        expect: vec![],
        writes: vec![
            case.insert(&BOOK, book("a", 1), numbered("1")),
            case.update(&SHELF, shelf("a"), shelf_row("B")),
            case.append(&SHELF, shelf("a"), there.incarnation),
            case.delete(&TICKET, ticket(1)),
            case.delete_tree(&LAMP, shelf("a")),
            case.insert(&SETTINGS, root(), vec![Value::Null]),
            case.update(&TICKET, ticket(2), vec![Value::Null]),
        ],
        request: Some(request("ann", "1")),
    };
    assert_eq!(case.commit(batch).await, Outcome::Stale);

    assert_eq!(case.read(&SHELF, &shelf("a")).await, Some(there.clone()));
    assert_eq!(case.read(&BOOK, &book("a", 1)).await, None);
    assert_eq!(case.read(&SETTINGS, &root()).await, None);
    assert_eq!(case.change_ids(&SHELF, &shelf("a"), there.incarnation).await, []);
    for (of, path) in [(&LAMP, shelf("a")), (&BULB, bulb("a", 1)), (&TICKET, ticket(1))] {
        assert_eq!(case.read(of, &path).await.expect("is there").row, Row(vec![Value::Integer(1)]));
    }
    assert_eq!(case.store.find_request("ann", "1").await.expect("answers"), None);
    case.given([case.insert(&BOOK, book("a", 2), numbered("1"))]).await;
}
