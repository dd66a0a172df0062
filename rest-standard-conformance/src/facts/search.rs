//! Searches for words: what a row has now, below the parent that is asked.

use rest_standard::{
    store::{Capability, Column, Count, Deletion, Direction, Record, Scan, Write},
    value::{Path, Value},
};
use serde_json::json;

use crate::{
    case::{Case, cursor, later, paths, record},
    library::{BOOK, DRAFT, PAGES, SHELF, TITLE, book, book_row, draft, root, shelf, shelf_row, text},
};

const TAGS: usize = 12;

fn titled(title: &str, pages: i64) -> Vec<Value> {
    let mut row = book_row(pages);
    row[TITLE] = text(title);
    row
}

async fn found(case: &Case, words: &[&str], scan: Scan) -> Vec<Path> {
    let search = words.iter().map(|word| (*word).to_owned()).collect();
    paths(&case.scan(&Scan { search, ..scan }).await)
}

/// The books of the shelf `a` with these words.
async fn books(case: &Case, words: &[&str]) -> Vec<Path> {
    found(case, words, case.below(&BOOK, shelf("a"))).await
}

async fn given_shelves(case: &Case) {
    case.given(["a", "ab"].map(|id| case.insert(&SHELF, shelf(id), shelf_row(&format!("Code {id}"))))).await;
}

pub(super) async fn a_search_finds_rows_by_the_beginnings_of_their_words(case: Case) {
    given_shelves(&case).await;
    let mut tagged = titled("Sense", 1);
    tagged[1] = text("Élan");
    tagged[TAGS] = Value::Json(json!(["sea side", "Lyme"]));
    case.given([
        case.insert(&BOOK, book("a", 1), titled("Sense and Sensibility", 1)),
        case.insert(&BOOK, book("a", 2), tagged),
        case.insert(&BOOK, book("ab", 1), titled("Sense", 1)),
    ])
    .await;
    assert_eq!(books(&case, &["sens"]).await, [book("a", 1), book("a", 2)]);
    assert_eq!(books(&case, &["sens", "sensi"]).await, [book("a", 1)]);
    assert_eq!(books(&case, &["ly", "side", "elan"]).await, [book("a", 2)]);
    assert_eq!(books(&case, &["ense"]).await, []);
    assert_eq!(found(&case, &["code", "ab"], case.below(&SHELF, root())).await, [shelf("ab")]);
    assert_eq!(found(&case, &["code"], case.below(&SHELF, root())).await, [shelf("a"), shelf("ab")]);
}

pub(super) async fn words_follow_the_writes_of_one_batch(case: Case) {
    given_shelves(&case).await;
    case.given([
        case.insert(&BOOK, book("a", 1), titled("First", 1)),
        case.update(&BOOK, book("a", 1), titled("Second", 1)),
        case.insert(&BOOK, book("a", 2), titled("First", 1)),
        case.delete(&BOOK, book("a", 2)),
        case.insert(&BOOK, book("a", 2), titled("Third", 1)),
    ])
    .await;
    assert_eq!(books(&case, &["first"]).await, []);
    assert_eq!(
        (books(&case, &["second"]).await, books(&case, &["third"]).await),
        (vec![book("a", 1)], vec![book("a", 2)])
    );
    // Nothing of a batch that is refused stays.
    case.write([
        case.update(&BOOK, book("a", 1), titled("Fourth", 1)),
        case.insert(&BOOK, book("a", 2), titled("Fourth", 1)),
    ])
    .await;
    assert_eq!(
        (books(&case, &["fourth"]).await, books(&case, &["second"]).await),
        (vec![], vec![book("a", 1)])
    );
}

pub(super) async fn words_go_with_a_deleted_tree(case: Case) {
    given_shelves(&case).await;
    let rows = ["a", "ab"].map(|id| case.insert(&BOOK, book(id, 1), titled("Emma", 1)));
    case.given(rows).await;
    case.given([case.delete_tree(&SHELF, shelf("a"))]).await;
    case.given([case.insert(&SHELF, shelf("a"), shelf_row("Anew"))]).await;
    assert_eq!(books(&case, &["emma"]).await, []);
    assert_eq!(found(&case, &["emma"], case.below(&BOOK, shelf("ab"))).await, [book("ab", 1)]);
    assert_eq!(found(&case, &["anew"], case.below(&SHELF, root())).await, [shelf("a")]);
    case.given([case.insert(&BOOK, book("a", 1), titled("Persuasion", 1))]).await;
    assert_eq!((books(&case, &["emma"]).await, books(&case, &["pers"]).await), (vec![], vec![book("a", 1)]));
}

pub(super) async fn a_search_is_one_condition_of_many(case: Case) {
    given_shelves(&case).await;
    let title = |id: u128| if id.is_multiple_of(2) { "Even one" } else { "Odd one" };
    let rows: Vec<_> =
        (1..=9).map(|id| case.insert(&BOOK, book("a", id), titled(title(id), id as i64 / 3))).collect();
    case.given(rows).await;
    let search = vec!["even".to_owned(), "o".to_owned()];
    let mut scan = Scan { search, count: Count::Exact, limit: 2, ..case.below(&BOOK, shelf("a")) };
    scan.order = vec![(Column::Field(PAGES), Direction::Descending)];
    let first = case.scan(&scan).await;
    assert_eq!((paths(&first), first.more), (vec![book("a", 6), book("a", 8)], true));
    assert_eq!(first.total.map(|total| total.count), Some(4));
    scan.after = Some(cursor(&scan.order, &first.records[1]));
    let second = case.scan(&scan).await;
    assert_eq!((paths(&second), second.more), (vec![book("a", 4), book("a", 2)], false));
    scan.equals = vec![(Column::Field(PAGES), Value::Integer(0))];
    assert_eq!(paths(&case.scan(&scan).await), [book("a", 2)]);
}

pub(super) async fn marked_rows_are_found_where_they_are_asked_for(case: Case) {
    if !case.can(Capability::SoftDelete) {
        return case.is_refused(Capability::SoftDelete);
    }
    given_shelves(&case).await;
    let deletion = Deletion { at: later(10), by: None, purge_at: later(70) };
    let marked =
        Record { deletion: Some(Box::new(deletion)), ..record(draft("a", "gone"), vec![text("Draft gone")]) };
    case.given([
        case.insert(&DRAFT, draft("a", "live"), vec![text("Draft live")]),
        case.insert(&DRAFT, draft("a", "gone"), vec![text("Draft")]),
        Write::Update(case.node(&DRAFT), marked),
    ])
    .await;
    let drafts = case.below(&DRAFT, shelf("a"));
    assert_eq!(found(&case, &["draft"], Scan { live: true, ..drafts.clone() }).await, [draft("a", "live")]);
    assert_eq!(found(&case, &["gone"], drafts).await, [draft("a", "gone")]);
}
