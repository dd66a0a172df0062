//! References: what is referred to is there, and what nothing refers to can go.

use rest_standard::{
    store::{Capability, Deletion, Expect, Record, Write, WriteBatch},
    value::Value,
};

use crate::{
    case::{Case, Outcome, later, record},
    library::{DRAFT, SHELF, STAMP, TICKET, draft, shelf, shelf_row, stamp, text, ticket},
};

pub(super) async fn nothing_refers_to_what_no_row_has(case: Case) {
    let unreferenced = |ticket| Expect::Unreferenced(case.node(&STAMP), 0, Value::Integer(ticket));
    let refers = |id, ticket| case.insert(&STAMP, stamp("a", id), vec![Value::Integer(ticket)]);
    case.given([case.insert(&SHELF, shelf("a"), shelf_row("A")), refers(1, 7)]).await;
    assert_eq!(case.expect([unreferenced(7)]).await, Outcome::Stale);
    assert_eq!(case.expect([unreferenced(8)]).await, Outcome::Committed);
    // It is judged by what the writes leave.
    let remove = case.delete(&STAMP, stamp("a", 1));
    let batch = WriteBatch { expect: vec![unreferenced(7)], writes: vec![remove], request: None };
    assert_eq!(case.commit(batch).await, Outcome::Committed);
    let batch = WriteBatch { expect: vec![unreferenced(7)], writes: vec![refers(2, 7)], request: None };
    assert_eq!(case.commit(batch).await, Outcome::Stale);
}

pub(super) async fn what_is_referred_to_is_there_and_not_marked(case: Case) {
    case.given([
        case.insert(&TICKET, ticket(1), vec![Value::Null]),
        case.insert(&SHELF, shelf("a"), shelf_row("A")),
        case.insert(&DRAFT, draft("a", "one"), vec![text("one")]),
    ])
    .await;
    let outcome = async |of, path| case.expect([Expect::Live(case.node(of), path)]).await;
    assert_eq!(outcome(&TICKET, ticket(1)).await, Outcome::Committed);
    assert_eq!(outcome(&TICKET, ticket(2)).await, Outcome::Stale);
    if case.can(Capability::SoftDelete) {
        let deletion = Deletion { at: later(10), by: None, purge_at: later(70) };
        let marked =
            Record { deletion: Some(Box::new(deletion)), ..record(draft("a", "one"), vec![text("one")]) };
        assert_eq!(outcome(&DRAFT, draft("a", "one")).await, Outcome::Committed);
        case.given([Write::Update(case.node(&DRAFT), marked)]).await;
        assert_eq!(outcome(&DRAFT, draft("a", "one")).await, Outcome::Stale);
    }
}
