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
    assert_eq!(case.store.forget_requests(later(20), 10).await.expect("forgets"), 1);
    assert_eq!(case.store.find_request("ann", "1").await.expect("answers"), None);
    assert!(case.store.find_request("ann", "2").await.expect("answers").is_some());
    given(&case, request("ann", "1")).await;
}

pub(super) async fn records_are_forgotten_step_by_step_and_the_oldest_first(case: Case) {
    for (id, second) in [("a", 10), ("b", 20), ("c", 30), ("d", 40)] {
        given(&case, RequestRecord { at: later(second), ..request("ann", id) }).await;
    }
    let forget = || case.store.forget_requests(later(40), 2);
    assert_eq!(forget().await.expect("forgets"), 2);
    assert_eq!(case.store.find_request("ann", "b").await.expect("answers"), None);
    assert!(case.store.find_request("ann", "c").await.expect("answers").is_some());
    assert_eq!(forget().await.expect("forgets"), 1);
    assert_eq!(forget().await.expect("forgets"), 0);
    assert!(case.store.find_request("ann", "d").await.expect("answers").is_some());
}

pub(super) async fn records_are_listed_in_the_order_of_caller_and_id(case: Case) {
    assert_eq!(case.store.requests(None, 10).await.expect("answers"), []);
    // Bytewise: capitals come before small letters, and the anonymous caller before everybody.
    let keys = [("", "z"), ("Zoe", "1"), ("ann", "B"), ("ann", "a"), ("ann", "é"), ("bob", "0")];
    for (caller, id) in keys.into_iter().rev() {
        given(&case, request(caller, id)).await;
    }
    let all: Vec<_> = keys.iter().map(|(caller, id)| request(caller, id)).collect();
    assert_eq!(case.store.requests(None, 10).await.expect("answers"), all);
    let after = |at: usize| Some(keys[at]);
    assert_eq!(case.store.requests(None, 2).await.expect("answers"), all[..2]);
    assert_eq!(case.store.requests(after(1), 3).await.expect("answers"), all[2..5]);
    assert_eq!(case.store.requests(Some(("ann", "b")), 10).await.expect("answers"), all[4..]);
    assert_eq!(case.store.requests(after(5), 10).await.expect("answers"), []);
}
