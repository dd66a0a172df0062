//! What a store that outlives the process still knows when it is opened again.

use rest_standard::{
    store::{Write, WriteBatch},
    value::Value,
};

use crate::{
    case::{Case, Outcome, record, request, start},
    library::{BOOK, SHELF, TICKET, book, full_book_row, shelf, shelf_row},
};

pub(super) async fn rows_changes_and_requests_are_kept(case: Case) {
    let (shelf_record, book_record) =
        (record(shelf("a"), shelf_row("A")), record(book("a", 1), full_book_row()));
    let incarnation = shelf_record.incarnation;
    let batch = WriteBatch {
        writes: vec![
            Write::Insert(case.node(&SHELF), shelf_record),
            Write::Insert(case.node(&BOOK), book_record.clone()),
            case.append(&SHELF, shelf("a"), incarnation),
        ],
        request: Some(request("ann", "1")),
        ..WriteBatch::default()
    };
    assert_eq!(case.commit(batch).await, Outcome::Committed);

    let case = case.reopen().await;
    assert_eq!(case.read(&BOOK, &book("a", 1)).await, Some(book_record));
    assert_eq!(case.read(&SHELF, &shelf("a")).await.expect("is there").change_count, 1);
    assert_eq!(case.change_ids(&SHELF, &shelf("a"), incarnation).await, [Value::Integer(1)]);
    assert_eq!(case.store.find_request("ann", "1").await.expect("answers"), Some(request("ann", "1")));
}

pub(super) async fn the_first_start_is_remembered(case: Case) {
    let secret = case.store.secret().await.expect("answers");
    let case = case.reopen().await;
    assert_eq!(case.store.secret().await.expect("answers"), secret);
    assert_eq!(case.store.created_at().await.expect("answers"), start());
}

pub(super) async fn reserved_ids_are_never_given_again(case: Case) {
    let first = case.store.reserve_ids(case.node(&TICKET), 100).await.expect("reserves");
    let case = case.reopen().await;
    let second = case.store.reserve_ids(case.node(&TICKET), 1).await.expect("reserves");
    assert!(second >= first + 100);
}

pub(super) async fn what_was_committed_before_closing_is_kept(case: Case) {
    for id in 1..=50 {
        let writes = vec![case.insert(&TICKET, crate::library::ticket(id), vec![Value::Null])];
        case.store.commit(WriteBatch { writes, ..WriteBatch::default() }).await.expect("commits");
    }
    let case = case.reopen().await;
    assert_eq!(case.scan(&case.below(&TICKET, crate::library::root())).await.records.len(), 50);
}
