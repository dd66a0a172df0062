//! The records of request ids.

use rest_standard::store::{RequestRecord, WriteBatch};

use crate::{
    case::{Case, Outcome, later, request},
    library::{SHELF, shelf, shelf_row},
};

async fn given(case: &Case, request: RequestRecord) {
    let batch = WriteBatch { request: Some(request), ..WriteBatch::default() };
    assert_eq!(case.commit(batch).await, Outcome::Committed);
}

pub(super) async fn a_record_is_found_as_it_was_committed(case: Case) {
    let first = RequestRecord { etag: Some("\"1\"".to_owned()), ..request("ann", "1") };
    let second = RequestRecord { location: None, status: 200, data: String::new(), ..request("", "1") };
    let batch = WriteBatch {
        writes: vec![case.insert(&SHELF, shelf("a"), shelf_row("A"))],
        request: Some(first.clone()),
        ..WriteBatch::default()
    };
    assert_eq!(case.commit(batch).await, Outcome::Committed);
    given(&case, second.clone()).await;
    assert_eq!(case.store.find_request("ann", "1").await.expect("answers"), Some(first));
    assert_eq!(case.store.find_request("", "1").await.expect("answers"), Some(second));
    assert_eq!(case.store.find_request("ann", "2").await.expect("answers"), None);
}

pub(super) async fn a_dry_run_records_nothing(case: Case) {
    let batch = WriteBatch { request: Some(request("ann", "1")), ..WriteBatch::default() };
    case.store.check(batch).await.expect("would commit");
    assert_eq!(case.store.find_request("ann", "1").await.expect("answers"), None);
}

pub(super) async fn records_before_the_limit_are_forgotten(case: Case) {
    for (id, second) in [("1", 10), ("2", 20), ("3", 30)] {
        given(&case, RequestRecord { at: later(second), ..request("ann", id) }).await;
    }
    assert_eq!(case.store.forget_requests(later(20)).await.expect("forgets"), 1);
    assert_eq!(case.store.find_request("ann", "1").await.expect("answers"), None);
    assert!(case.store.find_request("ann", "2").await.expect("answers").is_some());
    given(&case, request("ann", "1")).await;
}
