//! Exports: all rows in order, of one moment, and read no faster than they are taken.

use std::time::Duration;

use rest_standard::{
    store::{AHEAD, Column, Direction, Extent, PIECE_ROWS, Pieces, Record, Scan, Write},
    value::Path,
};

use crate::{
    case::{Case, paths, record},
    library::{BOOK, PAGES, SHELF, TITLE, book, book_row, shelf, shelf_row, text},
};

/// Shelves `a` and `b` with so many books each; those of `a`.
async fn given_books(case: &Case, count: u128) -> Vec<Record> {
    let shelves = ["a", "b"].map(|id| case.insert(&SHELF, shelf(id), shelf_row(id)));
    case.given(shelves).await;
    let books = |shelf: &'static str| {
        (1..=count).map(move |id| record(book(shelf, id), book_row((id * 7 % 5) as i64)))
    };
    let records: Vec<Record> = books("a").collect();
    let node = case.node(&BOOK);
    case.given(
        records.iter().cloned().chain(books("b")).map(|book| Write::Insert(node, book)).collect::<Vec<_>>(),
    )
    .await;
    records
}

async fn begin(case: &Case, scan: &Scan, extent: &Extent) -> Pieces {
    case.store.export(scan, extent).await.expect("an export begins")
}

/// The paths of the rows that are left.
async fn rest(mut pieces: Pieces) -> Vec<Path> {
    let mut found = Vec::new();
    while let Some(rows) = pieces.next().await.expect("pieces come") {
        assert!((1..=PIECE_ROWS).contains(&rows.len()));
        found.extend(rows.iter().map(|row| row.path().clone()));
    }
    assert!(pieces.next().await.expect("an end stays one").is_none());
    found
}

pub(super) async fn an_export_gives_all_rows_in_order(case: Case) {
    let none = case.below(&BOOK, shelf("a"));
    assert_eq!(rest(begin(&case, &none, &Extent::Whole).await).await, []);
    given_books(&case, 2 * PIECE_ROWS as u128 + 10).await;
    let (pages, title) = (Column::Field(PAGES), Column::Field(TITLE));
    for order in [
        vec![],
        vec![(Column::Id, Direction::Descending)],
        vec![(pages, Direction::Ascending)],
        vec![(pages, Direction::Descending)],
        vec![(title, Direction::Descending), (pages, Direction::Descending)],
    ] {
        let scan = Scan { order, ..case.below(&BOOK, shelf("a")) };
        let expected = paths(&case.scan(&scan).await);
        assert_eq!(expected.len(), 2 * PIECE_ROWS + 10);
        for extent in [Extent::Whole, Extent::only([pages, title])] {
            assert_eq!(rest(begin(&case, &scan, &extent).await).await, expected, "{scan:?}");
        }
    }
    let scan = Scan {
        equals: vec![(pages, rest_standard::value::Value::Integer(3))],
        // None of these means anything.
        offset: 7,
        limit: 1,
        bytes: 1,
        ..case.below(&BOOK, shelf("a"))
    };
    let expected = case.scan(&Scan { offset: 0, limit: 1_000, bytes: usize::MAX, ..scan.clone() }).await;
    assert_eq!(rest(begin(&case, &scan, &Extent::Whole).await).await, paths(&expected));
}

pub(super) async fn an_export_is_of_one_moment_while_writes_go_on(case: Case) {
    let count = (PIECE_ROWS * (AHEAD + 3)) as u128;
    given_books(&case, count).await;
    let scan = case.below(&BOOK, shelf("a"));
    let expected = {
        let all = case.scan(&Scan { limit: 100_000, ..scan.clone() }).await;
        paths(&all)
    };
    let mut pieces = begin(&case, &scan, &Extent::Whole).await;
    let first = pieces.next().await.expect("pieces come").expect("there are rows");
    let mut found: Vec<Path> = first.iter().map(|row| row.path().clone()).collect();
    // What is not read yet changes, goes and comes.
    let mut changed = book_row(1);
    changed[TITLE] = text("Persuasion");
    case.given([
        case.update(&BOOK, book("a", count), changed),
        case.delete(&BOOK, book("a", count - 1)),
        case.insert(&BOOK, book("a", count + 1), book_row(1)),
    ])
    .await;
    let mut last = None;
    while let Some(rows) = pieces.next().await.expect("pieces come") {
        found.extend(rows.iter().map(|row| row.path().clone()));
        last = rows.last().and_then(|row| row.field(TITLE).cloned());
    }
    assert_eq!(found, expected);
    assert_eq!(last, Some(text("Emma")));
    assert_eq!(rest(begin(&case, &scan, &Extent::Whole).await).await.len(), expected.len());
}

pub(super) async fn a_store_reads_no_further_ahead_than_a_few_pieces(case: Case) {
    given_books(&case, (PIECE_ROWS * (AHEAD + 4)) as u128).await;
    let scan = case.below(&BOOK, shelf("a"));
    let mut pieces = begin(&case, &scan, &Extent::Whole).await;
    for _ in 0..3 {
        assert_eq!(pieces.next().await.expect("pieces come").expect("there are rows").len(), PIECE_ROWS);
        let full = async {
            while pieces.waiting() < AHEAD {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), full).await.expect("the store reads ahead");
        assert_eq!(pieces.waiting(), AHEAD);
    }
}

pub(super) async fn an_export_that_nobody_takes_makes_room_for_others(case: Case) {
    given_books(&case, (PIECE_ROWS * (AHEAD + 4)) as u128).await;
    let scan = case.below(&BOOK, shelf("a"));
    for _ in 0..10 {
        let mut pieces = begin(&case, &scan, &Extent::Whole).await;
        assert!(pieces.next().await.expect("pieces come").is_some());
    }
    // A store that is closed waits for none of them.
    let left = begin(&case, &scan, &Extent::Whole).await;
    drop(left);
    case.store.close().await;
}
