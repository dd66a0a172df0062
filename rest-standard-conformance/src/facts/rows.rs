//! What is written is read, with what the store keeps of its own.

use rest_standard::{
    store::{Record, Write},
    value::{Id, Row, Value},
};

use crate::{
    case::{Case, Outcome, draw, later, record, start},
    library::{
        BOOK, BULB, ISBN, LAMP, LOAN, SETTINGS, SHELF, TERMS, TICKET, book, book_row, bulb, full_book_row,
        root, shelf, shelf_row, text, ticket,
    },
};

pub(super) async fn a_value_of_every_kind_is_read_as_it_was_written(case: Case) {
    let written = record(book("a", 1), full_book_row());
    case.given([
        case.insert(&SHELF, shelf("a"), shelf_row("A")),
        Write::Insert(case.node(&BOOK), written.clone()),
    ])
    .await;
    assert_eq!(case.read(&BOOK, &book("a", 1)).await, Some(written));
}

pub(super) async fn null_is_read_as_it_was_written(case: Case) {
    let anonymous = Record { created_by: None, updated_by: None, ..record(book("a", 1), book_row(1)) };
    case.given([
        case.insert(&SHELF, shelf("a"), shelf_row("A")),
        Write::Insert(case.node(&BOOK), anonymous.clone()),
    ])
    .await;
    assert_eq!(case.read(&BOOK, &book("a", 1)).await, Some(anonymous));
}

pub(super) async fn an_absent_row_is_none(case: Case) {
    assert_eq!(case.read(&SHELF, &shelf("a")).await, None);
    assert_eq!(case.read(&SETTINGS, &root()).await, None);
    case.given([case.insert(&SHELF, shelf("a"), shelf_row("A"))]).await;
    assert_eq!(case.read(&LAMP, &shelf("a")).await, None);
    assert_eq!(case.read(&BOOK, &book("a", 1)).await, None);
}

pub(super) async fn several_rows_are_read_each_where_its_path_stands(case: Case) {
    case.given([1, 2].map(|id| case.insert(&TICKET, ticket(id), vec![Value::Integer(id)]))).await;
    let read = async |paths: &[_]| {
        let rows = case.store.read_all(case.node(&TICKET), paths).await.expect("reads");
        rows.into_iter().map(|row| row.map(|row| row.row.0[0].clone())).collect::<Vec<_>>()
    };
    let (one, two) = (Some(Value::Integer(1)), Some(Value::Integer(2)));
    assert_eq!(read(&[ticket(2), ticket(3), ticket(1), ticket(2)]).await, [two.clone(), None, one, two]);
    // A path of another length names nothing.
    assert_eq!(read(&[root()]).await, [None]);
    assert_eq!(read(&[]).await, []);
}

pub(super) async fn singletons_are_rows_like_others(case: Case) {
    let written = record(root(), vec![Value::Integer(5)]);
    case.given([
        Write::Insert(case.node(&SETTINGS), written.clone()),
        case.insert(&SHELF, shelf("a"), shelf_row("A")),
        case.insert(&LAMP, shelf("a"), vec![Value::Integer(3)]),
    ])
    .await;
    assert_eq!(case.read(&SETTINGS, &root()).await, Some(written));
    let lamp = case.read(&LAMP, &shelf("a")).await.expect("is there");
    assert_eq!(lamp.row, Row(vec![Value::Integer(3)]));
}

pub(super) async fn an_insert_counts_its_changes_on(case: Case) {
    let counted = |id: &str| Record { change_count: 9, ..record(shelf(id), shelf_row(id)) };
    let (one, other) = (counted("a"), counted("b"));
    let (incarnation, other_incarnation) = (one.incarnation, other.incarnation);
    case.given([Write::Insert(case.node(&SHELF), one)]).await;
    assert_eq!(case.read(&SHELF, &shelf("a")).await.expect("is there").change_count, 9);
    case.given([case.append(&SHELF, shelf("a"), incarnation)]).await;
    assert_eq!(case.change_ids(&SHELF, &shelf("a"), incarnation).await, [Value::Integer(10)]);
    // In one batch, too.
    let append = || case.append(&SHELF, shelf("b"), other_incarnation);
    case.given([Write::Insert(case.node(&SHELF), other), append(), append()]).await;
    assert_eq!(case.change_ids(&SHELF, &shelf("b"), other_incarnation).await, [10, 11].map(Value::Integer));
    assert_eq!(case.read(&SHELF, &shelf("b")).await.expect("is there").change_count, 11);
}

pub(super) async fn an_update_keeps_creation_incarnation_and_change_count(case: Case) {
    let first = record(shelf("a"), shelf_row("A"));
    case.given([
        Write::Insert(case.node(&SHELF), first.clone()),
        case.append(&SHELF, shelf("a"), first.incarnation),
    ])
    .await;
    let second = Record {
        created_at: later(50),
        created_by: None,
        updated_at: later(60),
        updated_by: Some("bob".to_owned()),
        change_count: 9,
        ..record(shelf("a"), shelf_row("B"))
    };
    case.given([Write::Update(case.node(&SHELF), second.clone())]).await;
    let kept = Record {
        created_at: first.created_at,
        created_by: first.created_by,
        incarnation: first.incarnation,
        change_count: 1,
        ..second
    };
    assert_eq!(case.read(&SHELF, &shelf("a")).await, Some(kept));
}

pub(super) async fn later_writes_see_earlier_ones(case: Case) {
    case.given([
        case.insert(&SHELF, shelf("a"), shelf_row("A")),
        case.insert(&BOOK, book("a", 1), book_row(1)),
        case.update(&BOOK, book("a", 1), book_row(2)),
        case.insert(&BOOK, book("a", 2), book_row(1)),
        case.delete(&BOOK, book("a", 2)),
        case.insert(&BOOK, book("a", 2), book_row(3)),
    ])
    .await;
    for (id, pages) in [(1, 2), (2, 3)] {
        let record = case.read(&BOOK, &book("a", id)).await.expect("is there");
        assert_eq!(record.row, Row(book_row(pages)));
    }
}

pub(super) async fn a_delete_removes_the_singletons_below(case: Case) {
    given_a_full_shelf(&case).await;
    case.given([case.delete(&BOOK, book("a", 1))]).await;
    assert_eq!(case.read(&BOOK, &book("a", 1)).await, None);
    assert_eq!(case.read(&LOAN, &book("a", 1)).await, None);
    assert_eq!(case.read(&TERMS, &book("a", 1)).await, None);
    case.given([case.insert(&BOOK, book("a", 1), book_row(1))]).await;
    assert_eq!(case.read(&LOAN, &book("a", 1)).await, None, "it is gone for good");
}

pub(super) async fn a_deleted_tree_is_gone_and_nothing_else_is(case: Case) {
    given_a_full_shelf(&case).await;
    case.given([
        case.insert(&SHELF, shelf("a-b"), shelf_row("AB")),
        case.insert(&BOOK, book("a-b", 1), book_row(1)),
        case.insert(&BULB, bulb("a-b", 1), vec![Value::Null]),
    ])
    .await;
    case.given([case.delete_tree(&SHELF, shelf("a"))]).await;
    assert_eq!(case.read(&SHELF, &shelf("a")).await, None);
    assert_eq!(case.read(&LAMP, &shelf("a")).await, None);
    assert_eq!(case.read(&BULB, &bulb("a", 1)).await, None);
    assert_eq!(case.read(&BOOK, &book("a", 1)).await, None);
    assert_eq!(case.read(&LOAN, &book("a", 1)).await, None);
    assert_eq!(case.read(&TERMS, &book("a", 1)).await, None);
    assert!(case.read(&SHELF, &shelf("a-b")).await.is_some());
    assert!(case.read(&BOOK, &book("a-b", 1)).await.is_some());
    assert!(case.read(&BULB, &bulb("a-b", 1)).await.is_some());
}

pub(super) async fn a_tree_below_a_singleton_can_be_deleted(case: Case) {
    given_a_full_shelf(&case).await;
    case.given([case.delete_tree(&LAMP, shelf("a"))]).await;
    assert_eq!(case.read(&LAMP, &shelf("a")).await, None);
    assert_eq!(case.read(&BULB, &bulb("a", 1)).await, None);
    assert!(case.read(&BOOK, &book("a", 1)).await.is_some());
}

pub(super) async fn deleting_what_is_absent_does_nothing(case: Case) {
    case.given([case.delete(&SHELF, shelf("a")), case.delete_tree(&SETTINGS, root())]).await;
}

pub(super) async fn a_unique_value_leads_to_its_resource(case: Case) {
    case.given([
        case.insert(&SHELF, shelf("a"), shelf_row("A")),
        case.insert(&BOOK, book("a", 1), full_book_row()),
        case.insert(&BOOK, book("a", 2), book_row(1)),
    ])
    .await;
    let find =
        async |isbn: Value| case.store.find_unique(case.node(&BOOK), ISBN, &isbn).await.expect("answers");
    assert_eq!(find(text("978-0")).await, Some(book("a", 1)));
    assert_eq!(find(text("978-1")).await, None);
    assert_eq!(find(Value::Null).await, None);
    case.given([case.delete(&BOOK, book("a", 1))]).await;
    assert_eq!(find(text("978-0")).await, None);
}

pub(super) async fn reserved_ids_are_never_given_again(case: Case) {
    let reserve = async |count| case.store.reserve_ids(case.node(&TICKET), count).await.expect("reserves");
    let first = reserve(10).await;
    let second = reserve(1).await;
    assert!(first > 0);
    assert!(second >= first + 10);
    case.given([case.insert(&TICKET, ticket(second), vec![Value::Null])]).await;
    case.given([case.delete(&TICKET, ticket(second))]).await;
    assert!(reserve(1).await > second);
}

pub(super) async fn the_first_start_is_remembered(case: Case) {
    assert_eq!(case.store.created_at().await.expect("answers"), start());
    let secret = case.store.secret().await.expect("answers");
    assert_eq!(case.store.secret().await.expect("answers"), secret);
    let other = case.another().await;
    assert_ne!(other.store.secret().await.expect("answers"), secret);
}

pub(super) async fn a_migrated_store_is_ready(case: Case) {
    case.store.ready().await.expect("is ready");
}

pub(super) async fn an_empty_batch_commits(case: Case) {
    assert_eq!(case.write([]).await, Outcome::Committed);
}

pub(super) async fn ids_of_every_kind_lead_to_their_row(case: Case) {
    let largest = ticket(i64::MAX);
    let longest = shelf(&"a".repeat(63));
    case.given([
        case.insert(&TICKET, largest.clone(), vec![Value::Integer(1)]),
        case.insert(&SHELF, longest.clone(), shelf_row("A")),
        case.insert(&BOOK, longest.join(Id::from(uuid::Uuid::max())), book_row(draw())),
    ])
    .await;
    assert_eq!(case.read(&TICKET, &largest).await.expect("is there").path, largest);
    assert_eq!(case.read(&SHELF, &longest).await.expect("is there").path, longest);
    let path = longest.join(Id::from(uuid::Uuid::max()));
    assert_eq!(case.read(&BOOK, &path).await.expect("is there").path, path);
}

async fn given_a_full_shelf(case: &Case) {
    case.given([
        case.insert(&SHELF, shelf("a"), shelf_row("A")),
        case.insert(&LAMP, shelf("a"), vec![Value::Null]),
        case.insert(&BULB, bulb("a", 1), vec![Value::Null]),
        case.insert(&BOOK, book("a", 1), book_row(1)),
        case.insert(&LOAN, book("a", 1), vec![Value::Null]),
        case.insert(&TERMS, book("a", 1), vec![Value::Null]),
    ])
    .await;
}
