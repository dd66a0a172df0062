//! Lists across parents: one list of all their rows, in one order.

use rest_standard::{
    store::{Column, Count, Direction, Record, Scan, Scope, Total, Write},
    value::Value,
};

use crate::{
    case::{Case, cursor, paths, record},
    library::{BOOK, BULB, PAGES, SHELF, TICKET, book, book_row, bulb, root, shelf, shelf_row, ticket},
};
use Direction::{Ascending, Descending};

/// Three shelves with books whose ids meet, as those of two parents may.
async fn given_books(case: &Case) -> Vec<Record> {
    let shelves = ["a", "ab", "b"];
    case.given(shelves.map(|id| case.insert(&SHELF, shelf(id), shelf_row(id)))).await;
    let books: Vec<Record> = shelves
        .iter()
        .enumerate()
        .flat_map(|(place, id)| {
            (1..=5_u128)
                .map(move |number| record(book(id, number), book_row(((number as usize + place) % 3) as i64)))
        })
        .collect();
    case.given(books.iter().map(|book| Write::Insert(case.node(&BOOK), book.clone())).collect::<Vec<_>>())
        .await;
    books
}

/// All books in the order of these columns, then of their shelves and ids.
fn across(case: &Case, order: &[(Column, Direction)]) -> Scan {
    let mut order = order.to_vec();
    order.push((Column::Above(0), Ascending));
    Scan { scope: Scope::Across(root()), order, ..case.below(&BOOK, root()) }
}

pub(super) async fn rows_of_all_parents_are_one_list(case: Case) {
    let books = given_books(&case).await;
    let mut expected: Vec<_> = books.iter().map(|book| book.path.clone()).collect();
    expected.sort();
    let scan = Scan { count: Count::Exact, ..across(&case, &[]) };
    let page = case.scan(&scan).await;
    assert_eq!(paths(&page), expected);
    assert_eq!(page.total, Some(Total { count: 15, exact: true }));
    let scan = Scan { equals: vec![(Column::Field(PAGES), book_row(1)[PAGES].clone())], ..scan };
    let page = case.scan(&scan).await;
    let few: Vec<_> = books.iter().filter(|book| book.row.0[PAGES] == book_row(1)[PAGES]).collect();
    assert_eq!(page.records.len(), few.len());
    assert_eq!(page.total, Some(Total { count: few.len() as u64, exact: true }));
    // What is of another collection is in no list of this one.
    case.given([case.insert(&TICKET, ticket(1), vec![Value::Null])]).await;
    assert_eq!(case.scan(&across(&case, &[])).await.records.len(), 15);
}

pub(super) async fn a_list_across_is_below_what_it_is_asked_for(case: Case) {
    let shelves = ["a", "b"];
    case.given(shelves.map(|id| case.insert(&SHELF, shelf(id), shelf_row(id)))).await;
    case.given([
        case.insert(&BULB, bulb("a", 1), vec![Value::Null]),
        case.insert(&BULB, bulb("b", 1), vec![Value::Null]),
        case.insert(&BULB, bulb("b", 2), vec![Value::Null]),
    ])
    .await;
    let order = vec![(Column::Above(0), Descending)];
    let scan = Scan { scope: Scope::Across(root()), order, ..case.below(&BULB, root()) };
    assert_eq!(paths(&case.scan(&scan).await), [bulb("b", 1), bulb("b", 2), bulb("a", 1)]);
}

pub(super) async fn a_list_across_can_be_followed_by_cursor_in_both_directions(case: Case) {
    given_books(&case).await;
    for direction in [Ascending, Descending] {
        for order in [vec![], vec![(Column::Field(PAGES), direction)], vec![(Column::Above(0), direction)]] {
            let mut scan = across(&case, &order);
            if order.first().is_some_and(|(column, _)| *column == Column::Above(0)) {
                scan.order = order;
            }
            let expected = paths(&case.scan(&scan).await);
            assert_eq!(expected.len(), 15);
            let mut found = Vec::new();
            scan.limit = 2;
            loop {
                let page = case.scan(&scan).await;
                found.extend(paths(&page));
                assert!(found.len() <= 15, "the list has an end");
                let Some(last) = page.records.last().filter(|_| page.more) else { break };
                scan.after = Some(cursor(&scan.order, last));
            }
            assert_eq!(found, expected, "{:?}", scan.order);
        }
    }
}
