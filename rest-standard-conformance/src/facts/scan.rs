//! Lists: filtered, ordered, counted and paged as a sort of all rows would give them.

use std::cmp::Ordering;

use proptest::{collection::vec, option, prelude::*, sample::select};
use rest_standard::{
    store::{Column, Count, Direction, Extent, Record, Scan, Total, Write, id_value},
    value::{Path, Row, Value},
};
use uuid::Uuid;

use super::property;
use crate::{
    case::{Case, cursor, later, paths, record},
    library::{
        BOOK, BOOK_COLUMNS, BULB, PAGES, SHELF, TICKET, TITLE, book, book_row, bulb, root, shelf, shelf_row,
        text, ticket,
    },
};
use Direction::{Ascending, Descending};

type Order = Vec<(Column, Direction)>;

/// The same as a store's order, written a second time.
fn compare(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Integer(a), Value::Integer(b)) => a.cmp(b),
        (Value::Float(a), Value::Float(b)) => a.partial_cmp(b).expect("finite"),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Text(a), Value::Text(b)) => a.chars().cmp(b.chars()),
        (Value::Uuid(a), Value::Uuid(b)) => a.to_string().cmp(&b.to_string()),
        (Value::Timestamp(a), Value::Timestamp(b)) => a.cmp(b),
        (Value::Date(a), Value::Date(b)) => a.cmp(b),
        (a, b) => b.is_null().cmp(&a.is_null()),
    }
}

/// The paths of the records that match, in order.
fn expected(records: &[Record], equals: &[(Column, Value)], order: &Order) -> Vec<Path> {
    let mut found: Vec<&Record> = records
        .iter()
        .filter(|record| equals.iter().all(|(column, value)| column.value(record) == *value))
        .collect();
    let mut order = order.clone();
    order.push((Column::Id, Ascending));
    found.sort_by(|a, b| {
        let mut differences = order.iter().map(|(column, direction)| {
            let difference = compare(&column.value(a), &column.value(b));
            if *direction == Ascending { difference } else { difference.reverse() }
        });
        differences.find(|difference| difference.is_ne()).unwrap_or(Ordering::Equal)
    });
    found.into_iter().map(|record| record.path.clone()).collect()
}

/// Follows the cursors from the first page to the last.
async fn walk(case: &Case, mut scan: Scan) -> Vec<Path> {
    let mut found = Vec::new();
    loop {
        let page = case.scan(&scan).await;
        found.extend(paths(&page));
        let Some(last) = page.records.last().filter(|_| page.more) else { return found };
        assert_eq!(page.records.len() as u64, scan.limit, "a page with more after it is full");
        assert!(found.len() < 1_000, "the list has an end");
        scan.after = Some(cursor(&scan.order, last));
    }
}

/// Commits the records as books of the shelf `a`, beside books of another shelf.
async fn given_books(case: &Case, records: &[Record]) {
    let mut writes = vec![
        case.insert(&SHELF, shelf("a"), shelf_row("A")),
        case.insert(&SHELF, shelf("a0"), shelf_row("A0")),
        case.insert(&BOOK, book("a0", 1), book_row(1)),
    ];
    writes.extend(records.iter().map(|record| Write::Insert(case.node(&BOOK), record.clone())));
    case.given(writes).await;
}

fn books(case: &Case) -> Scan {
    case.below(&BOOK, shelf("a"))
}

/// Books with few different values, so that ties and nulls are common, at the edges of each kind.
fn any_book() -> impl Strategy<Value = Record> {
    let texts = || select(vec!["", "A", "a", "a!", "ab", "\u{e4}", "\u{fffd}", "\u{1f600}"]).prop_map(text);
    let integers = || select(vec![i64::MIN, -1, 0, 2, 10, i64::MAX]).prop_map(Value::Integer);
    let floats = select(vec![-1e300, -0.5, -0.0, 0.0, 1.0, 1e300]).prop_map(Value::Float);
    let instants = select(vec![
        "0001-01-01T00:00:00Z",
        "1969-12-31T23:59:59.999999Z",
        "1970-01-01T00:00:00Z",
        "2026-11-21T10:00:00.5Z",
        "9999-12-30T00:00:00Z",
    ]);
    let days = select(vec!["0001-01-01", "1999-12-31", "2026-11-21", "9999-12-31"]);
    let works = select(vec![1, u128::MAX, 1 << 127]).prop_map(|work| Value::Uuid(Uuid::from_u128(work)));
    let names = || option::of(select(vec!["ann", "bob", "Zoe"]).prop_map(str::to_owned));
    let nullable = (
        option::of(texts()),
        option::of(integers()),
        option::of(floats),
        option::of(any::<bool>().prop_map(Value::Bool)),
        option::of((0..3_i64).prop_map(Value::Integer)),
        option::of(instants.prop_map(|at| Value::Timestamp(at.parse().expect("a timestamp")))),
        option::of(days.prop_map(|day| Value::Date(day.parse().expect("a date")))),
        option::of(works),
    );
    (texts(), integers(), nullable, (0..3_i64, names(), 3..6_i64, names())).prop_map(
        |(title, pages, rest, meta)| {
            let (subtitle, rating, weight, lent, condition, printed, day, work) = rest;
            let mut row = vec![title, subtitle.unwrap_or(Value::Null), pages];
            row.extend(
                [rating, weight, lent, condition, printed, day, work]
                    .map(|value| value.unwrap_or(Value::Null)),
            );
            row.resize(BOOK.fields.len(), Value::Null);
            let (created, created_by, updated, updated_by) = meta;
            Record {
                created_at: later(created),
                created_by,
                updated_at: later(updated),
                updated_by,
                ..record(Path::default(), row)
            }
        },
    )
}

/// Books below the shelf `a`, whose ids are in another order than the list.
fn any_books(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Record>> {
    vec(any_book(), count).prop_map(|mut records| {
        for (at, record) in records.iter_mut().enumerate() {
            record.path = book("a", (at as u128 * 7) % 31 + 1);
        }
        records
    })
}

fn any_order() -> impl Strategy<Value = Order> {
    let one = (select(BOOK_COLUMNS.to_vec()), select(vec![Ascending, Descending]));
    vec(one, 0..4).prop_map(|order| {
        let mut distinct = Order::new();
        for (column, direction) in order {
            if distinct.iter().all(|(other, _)| *other != column) {
                distinct.push((column, direction));
            }
        }
        distinct
    })
}

pub(super) async fn every_query_gives_what_sorting_all_rows_gives(case: Case) {
    let question =
        (any_books(0..24), any_order(), vec((select(BOOK_COLUMNS.to_vec()), any::<usize>()), 0..2), 1..8_u64);
    property(48, question, async |(records, order, equals, limit)| {
        let case = case.another().await;
        given_books(&case, &records).await;
        let equals: Vec<_> = equals
            .into_iter()
            .filter_map(|(column, at)| Some((column, column.value(records.get(at % records.len().max(1))?))))
            .filter(|(_, value)| !value.is_null())
            .collect();
        let expected = expected(&records, &equals, &order);
        let whole = Scan { order, equals, count: Count::Exact, ..books(&case) };

        let page = case.scan(&whole).await;
        assert_eq!(paths(&page), expected);
        assert!(!page.more);
        assert_eq!(page.total, Some(Total { count: expected.len() as u64, exact: true }));

        let paged = Scan { limit, ..whole };
        assert_eq!(walk(&case, paged.clone()).await, expected, "by cursor");
        for offset in [0, 1, limit, expected.len() as u64, 1_000] {
            let page = case.scan(&Scan { offset, ..paged.clone() }).await;
            let rest = expected.iter().skip(offset as usize);
            assert_eq!(
                paths(&page),
                rest.clone().take(limit as usize).cloned().collect::<Vec<_>>(),
                "by offset"
            );
            assert_eq!(page.more, rest.count() as u64 > limit);
        }
    });
}

pub(super) async fn each_column_can_be_followed_by_cursor_in_both_directions(case: Case) {
    property(4, any_books(20..24), async |records| {
        let case = case.another().await;
        given_books(&case, &records).await;
        for column in BOOK_COLUMNS {
            for direction in [Ascending, Descending] {
                let order = vec![(column, direction)];
                let expected = expected(&records, &[], &order);
                let scan = Scan { order, limit: 1, ..books(&case) };
                assert_eq!(walk(&case, scan).await, expected, "{column:?} {direction:?}");
            }
        }
    });
}

pub(super) async fn ids_are_in_the_order_of_their_kind(case: Case) {
    let tickets = [-3, 0, 2, 10, 100].map(ticket);
    let shelves = ["0", "a", "a-b", "a0", "ab", "b"].map(shelf);
    case.given(tickets.clone().map(|path| case.insert(&TICKET, path, vec![Value::Null]))).await;
    case.given(shelves.clone().map(|path| {
        let code = path.0[0].to_string();
        case.insert(&SHELF, path, shelf_row(&code))
    }))
    .await;
    assert_eq!(paths(&case.scan(&case.below(&TICKET, root())).await), tickets);
    assert_eq!(paths(&case.scan(&case.below(&SHELF, root())).await), shelves);
}

pub(super) async fn only_the_rows_of_the_parent_are_listed(case: Case) {
    case.given([
        case.insert(&SHELF, shelf("a"), shelf_row("A")),
        case.insert(&SHELF, shelf("a0"), shelf_row("A0")),
        case.insert(&BULB, bulb("a", 1), vec![Value::Null]),
        case.insert(&BULB, bulb("a0", 2), vec![Value::Null]),
    ])
    .await;
    let page = case.scan(&Scan { count: Count::Exact, ..case.below(&BULB, shelf("a")) }).await;
    assert_eq!(paths(&page), [bulb("a", 1)]);
    assert_eq!(page.total, Some(Total { count: 1, exact: true }));
    assert!(case.scan(&case.below(&BULB, shelf("b"))).await.records.is_empty());
}

pub(super) async fn excerpts_have_what_was_asked_for_and_pages_of_their_size(case: Case) {
    let records: Vec<_> = (1..=20).map(|id| record(book("a", id), book_row(id as i64 % 4))).collect();
    given_books(&case, &records).await;
    let extents = [
        Extent::Whole,
        Extent::only([]),
        Extent::only([Column::Field(TITLE)]),
        Extent::only([Column::Field(PAGES), Column::CreatedAt, Column::UpdatedBy]),
    ];
    for extent in extents {
        let whole = extent == Extent::Whole;
        let size = extent.size(&records[0]);
        assert_eq!(size == records[0].size(), whole);
        let scan = Scan { bytes: size * 3, ..books(&case) };
        let page = case.store.scan_excerpts(&scan, &extent).await.expect("scans");
        let expected = records.iter().scan(0, |bytes, record| {
            let has_room = *bytes < scan.bytes;
            *bytes += extent.size(record);
            has_room.then_some(record)
        });
        let mut shown = 0;
        for (excerpt, record) in page.records.iter().zip(expected) {
            let alone = case.store.read_excerpt(scan.node, &record.path, &extent).await.expect("reads");
            for excerpt in [excerpt, alone.as_ref().expect("it is there")] {
                assert_eq!((excerpt.path(), excerpt.revision()), (&record.path, record.revision));
                assert_eq!(excerpt.whole().map(|excerpt| &**excerpt), whole.then_some(record));
                for column in BOOK_COLUMNS {
                    let expected = extent.has(column).then(|| column.value(record));
                    assert_eq!(excerpt.value(column), expected, "{extent:?} {column:?}");
                }
                assert_eq!(excerpt.created_at(), extent.has(Column::CreatedAt).then_some(record.created_at));
            }
            shown += 1;
        }
        assert_eq!((page.records.len(), page.more), (shown, true), "{extent:?}");
    }
    let missing = case.store.read_excerpt(books(&case).node, &book("a", 99), &Extent::only([])).await;
    assert!(missing.expect("reads").is_none());
}

pub(super) async fn a_page_ends_where_it_is_large_enough(case: Case) {
    let records: Vec<_> = (1..=40).map(|id| record(book("a", id), book_row(id as i64 % 4))).collect();
    given_books(&case, &records).await;
    let size = records[0].size();
    for order in [
        vec![],
        vec![(Column::Field(PAGES), Ascending)],
        vec![(Column::Field(PAGES), Descending)],
        vec![(Column::Field(PAGES), Descending), (Column::Id, Descending)],
    ] {
        let all = paths(&case.scan(&Scan { order: order.clone(), ..books(&case) }).await);
        for (bytes, most) in [(1, 1), (size, 1), (size * 2 - 1, 2), (size * 7, 7)] {
            let mut seen = Vec::new();
            let mut scan = Scan { order: order.clone(), bytes, ..books(&case) };
            loop {
                let page = case.scan(&scan).await;
                assert!(
                    (1..=most).contains(&page.records.len()),
                    "{order:?}, {bytes}: {}",
                    page.records.len()
                );
                seen.extend(paths(&page));
                let Some(last) = page.records.last().filter(|_| page.more) else { break };
                scan.after = Some(cursor(&order, last));
            }
            assert_eq!(seen, all, "{order:?}, {bytes}");
        }
    }
}

pub(super) async fn counting_stops_at_its_limit(case: Case) {
    let records: Vec<_> = (1..=5).map(|id| record(book("a", id), book_row(1))).collect();
    given_books(&case, &records).await;
    let total = async |count| case.scan(&Scan { count, limit: 2, ..books(&case) }).await.total;
    assert_eq!(total(Count::None).await, None);
    assert_eq!(total(Count::UpTo(4)).await, Some(Total { count: 4, exact: false }));
    assert_eq!(total(Count::UpTo(5)).await, Some(Total { count: 5, exact: true }));
    assert_eq!(total(Count::UpTo(6)).await, Some(Total { count: 5, exact: true }));
    assert_eq!(total(Count::Exact).await, Some(Total { count: 5, exact: true }));
}

pub(super) async fn counts_follow_inserts_and_deletes(case: Case) {
    let records: Vec<_> = (1..=5).map(|id| record(book("a", id), book_row(1))).collect();
    given_books(&case, &records).await;
    let total = async || {
        let page = case.scan(&Scan { count: Count::Exact, limit: 0, ..books(&case) }).await;
        page.total.expect("was asked for").count
    };
    case.given([case.delete(&BOOK, book("a", 1)), case.update(&BOOK, book("a", 2), book_row(2))]).await;
    assert_eq!(total().await, 4);
    let refused = [case.delete(&BOOK, book("a", 2)), case.insert(&BOOK, book("a", 3), book_row(1))];
    case.write(refused).await;
    assert_eq!(total().await, 4);
    case.given([case.delete_tree(&SHELF, shelf("a"))]).await;
    assert_eq!(total().await, 0);
    given_again(&case).await;
    assert_eq!(total().await, 1);
}

async fn given_again(case: &Case) {
    case.given([
        case.insert(&SHELF, shelf("a"), shelf_row("A")),
        case.insert(&BOOK, book("a", 1), book_row(1)),
    ])
    .await;
}

pub(super) async fn the_filtered_rows_are_counted_whatever_the_page(case: Case) {
    let records: Vec<_> = (1..=6).map(|id| record(book("a", id), book_row(id as i64 % 2))).collect();
    given_books(&case, &records).await;
    let scan = Scan {
        equals: vec![(Column::Field(PAGES), Value::Integer(1))],
        after: Some(vec![Value::Uuid(Uuid::from_u128(1))]),
        offset: 1,
        limit: 1,
        bytes: usize::MAX,
        count: Count::UpTo(10),
        ..books(&case)
    };
    let page = case.scan(&scan).await;
    assert_eq!(paths(&page), [book("a", 5)]);
    assert!(!page.more);
    assert_eq!(page.total, Some(Total { count: 3, exact: true }));
}

pub(super) async fn a_limit_of_zero_gives_no_rows(case: Case) {
    given_books(&case, &[record(book("a", 1), book_row(1))]).await;
    let page = case.scan(&Scan { limit: 0, count: Count::Exact, ..books(&case) }).await;
    assert!(page.records.is_empty());
    assert_eq!(page.total, Some(Total { count: 1, exact: true }));
}

pub(super) async fn a_row_is_found_by_its_id(case: Case) {
    let records: Vec<_> = (1..=3).map(|id| record(book("a", id), book_row(1))).collect();
    given_books(&case, &records).await;
    let id = id_value(book("a", 2).id().expect("has an id"));
    let page = case.scan(&Scan { equals: vec![(Column::Id, id)], ..books(&case) }).await;
    assert_eq!(paths(&page), [book("a", 2)]);
}

pub(super) async fn a_page_has_the_rows_as_they_are(case: Case) {
    let written = record(book("a", 1), crate::library::full_book_row());
    given_books(&case, std::slice::from_ref(&written)).await;
    assert_eq!(*case.scan(&books(&case)).await.records[0], written);
    case.given([case.update(&BOOK, book("a", 1), book_row(8))]).await;
    assert_eq!(case.scan(&books(&case)).await.records[0].row, Row(book_row(8)));
}

pub(super) async fn equal_text_is_equal_in_every_character(case: Case) {
    let titles = ["A", "a", "a ", "A\u{308}", "\u{c4}", "%", "_"];
    let records: Vec<_> = titles
        .iter()
        .enumerate()
        .map(|(at, title)| {
            let mut row = book_row(1);
            row[TITLE] = text(title);
            record(book("a", at as u128 + 1), row)
        })
        .collect();
    given_books(&case, &records).await;
    for (title, record) in titles.into_iter().zip(records) {
        let scan = Scan { equals: vec![(Column::Field(TITLE), text(title))], ..books(&case) };
        assert_eq!(paths(&case.scan(&scan).await), [record.path]);
    }
}

pub(super) async fn cursors_visit_each_row_once_while_others_come_and_go(case: Case) {
    let records: Vec<_> = (1..=20).map(|id| record(book("a", id * 10), book_row(id as i64 / 3))).collect();
    given_books(&case, &records).await;
    let mut scan = Scan { order: vec![(Column::Field(PAGES), Descending)], limit: 3, ..books(&case) };
    let mut found = Vec::new();
    for round in 0_u128..20 {
        let page = case.scan(&scan).await;
        found.extend(paths(&page));
        let Some(last) = page.records.last().filter(|_| page.more) else { break };
        scan.after = Some(cursor(&scan.order, last));
        // The row that the cursor stands on goes, and rows come before and after it.
        case.given([
            case.delete(&BOOK, last.path.clone()),
            case.insert(&BOOK, book("a", 1_001 + round), book_row(100)),
            case.insert(&BOOK, book("a", 2_001 + round), book_row(-1)),
        ])
        .await;
    }
    let seen = |path: &Path| found.iter().filter(|other| *other == path).count();
    assert!(records.iter().all(|record| seen(&record.path) == 1));
    assert!((0..20).all(|round| seen(&book("a", 1_001 + round)) == 0));
    assert!(found.iter().all(|path| seen(path) == 1));
}
