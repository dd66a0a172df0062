//! Many tasks at once: nothing is lost, nothing is done twice, nobody sees half a batch.

use std::{collections::HashSet, sync::Arc};

use rest_standard::{
    store::{Expect, Record, Write, WriteBatch},
    value::{Path, Row, Value},
};
use tokio::{sync::Barrier, task::JoinSet};

use crate::{
    case::{Case, draw, record, request},
    library::{BOOK, LOAN, PAGES, SHELF, TICKET, book, book_row, shelf, shelf_row, ticket},
};

const TASKS: i64 = 8;
const ROUNDS: i64 = 10;

/// Runs the same work in all tasks at once; gives what each returned.
async fn at_once<T, F>(case: Case, work: impl Fn(Arc<Case>, i64) -> F) -> (Arc<Case>, Vec<T>)
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let case = Arc::new(case);
    let mut tasks = JoinSet::new();
    for task in 0..TASKS {
        tasks.spawn(work(Arc::clone(&case), task));
    }
    (case, tasks.join_all().await)
}

fn number(record: &Record, index: usize) -> i64 {
    let Value::Integer(number) = record.row.0[index] else { panic!("it is an integer") };
    number
}

pub(super) async fn no_increment_under_a_revision_is_lost(case: Case) {
    case.given([case.insert(&TICKET, ticket(1), vec![Value::Integer(0)])]).await;
    let (case, _) = at_once(case, async |case: Arc<Case>, _| {
        let node = case.node(&TICKET);
        let mut done = 0;
        while done < ROUNDS {
            let mut row = case.read(&TICKET, &ticket(1)).await.expect("is there");
            // Others read the same, also where a store never waits.
            tokio::task::yield_now().await;
            let expect = vec![Expect::Revision(node, ticket(1), row.revision)];
            row.revision = draw();
            row.row = Row(vec![Value::Integer(number(&row, 0) + 1)]);
            let batch = WriteBatch { expect, writes: vec![Write::Update(node, row)], request: None };
            done += i64::from(case.store.commit(batch).await.is_ok());
        }
    })
    .await;
    let row = case.read(&TICKET, &ticket(1)).await.expect("is there");
    assert_eq!(row.row, Row(vec![Value::Integer(TASKS * ROUNDS)]));
}

pub(super) async fn rows_that_are_read_together_are_of_one_moment(case: Case) {
    let tickets: [_; 20] = std::array::from_fn(|id| ticket(id as i64));
    case.given(tickets.clone().map(|path| case.insert(&TICKET, path, vec![Value::Integer(0)]))).await;
    let _ = at_once(case, async |case: Arc<Case>, task| {
        let node = case.node(&TICKET);
        let tickets: [_; 20] = std::array::from_fn(|id| ticket(id as i64));
        for round in 0..ROUNDS {
            if task % 2 == 0 {
                let value = vec![Value::Integer(task * ROUNDS + round)];
                let writes =
                    tickets.iter().map(|path| Write::Update(node, record(path.clone(), value.clone())));
                let batch = WriteBatch { writes: writes.collect(), ..WriteBatch::default() };
                case.store.commit(batch).await.expect("nothing is in the way");
            } else {
                let rows = case.store.read_all(node, &tickets).await.expect("reads");
                let values: HashSet<_> =
                    rows.iter().map(|row| number(row.as_ref().expect("is there"), 0)).collect();
                assert_eq!(values.len(), 1, "half a batch is seen: {values:?}");
            }
        }
    })
    .await;
}

pub(super) async fn one_of_many_inserts_of_a_key_wins(case: Case) {
    let (_, won) = at_once(case, async |case: Arc<Case>, task| {
        let write = case.insert(&TICKET, ticket(1), vec![Value::Integer(task)]);
        let batch = WriteBatch { writes: vec![write], ..WriteBatch::default() };
        case.store.commit(batch).await.is_ok()
    })
    .await;
    assert_eq!(won.into_iter().filter(|won| *won).count(), 1);
}

/// Books in pairs, each with its neighbour.
async fn given_pairs(case: &Case) -> Vec<[Path; 2]> {
    case.given([case.insert(&SHELF, shelf("a"), shelf_row("A"))]).await;
    let pairs: Vec<_> = (0..ROUNDS as u128).map(|id| [book("a", 2 * id), book("a", 2 * id + 1)]).collect();
    let books = pairs.iter().flatten().map(|path| case.insert(&BOOK, path.clone(), book_row(1)));
    case.given(books.collect::<Vec<_>>()).await;
    pairs
}

pub(super) async fn of_two_that_each_read_that_the_others_singleton_is_absent_one_wins(case: Case) {
    let pairs = given_pairs(&case).await;
    let (start, all) = (Arc::new(Barrier::new(TASKS as usize)), pairs.clone());
    let (case, _) = at_once(case, move |case: Arc<Case>, task| {
        let (start, pairs) = (start.clone(), all.clone());
        async move {
            for pair in pairs {
                let mut pair = pair;
                pair.rotate_left((task % 2) as usize);
                let [read, lent] = pair;
                let expect = vec![
                    Expect::Live(case.node(&BOOK), read.clone()),
                    Expect::Live(case.node(&BOOK), lent.clone()),
                    Expect::Absent(case.node(&LOAN), read),
                ];
                let writes = vec![case.insert(&LOAN, lent, vec![Value::Null])];
                start.wait().await;
                let _ = case.store.commit(WriteBatch { expect, writes, request: None }).await;
            }
        }
    })
    .await;
    for [one, other] in pairs {
        let lent = [case.read(&LOAN, &one).await, case.read(&LOAN, &other).await];
        assert_eq!(lent.iter().flatten().count(), 1, "of {one:?} and {other:?}");
    }
}

pub(super) async fn of_a_singleton_and_an_update_that_read_that_it_is_absent_one_wins(case: Case) {
    let pairs = given_pairs(&case).await;
    let start = Arc::new(Barrier::new(TASKS as usize));
    let (_, won) = at_once(case, move |case: Arc<Case>, task| {
        let (start, pairs) = (start.clone(), pairs.clone());
        async move {
            let mut won = Vec::new();
            for path in pairs.into_iter().flatten() {
                let there = case.read(&BOOK, &path).await.expect("is there");
                let expect = vec![
                    Expect::Revision(case.node(&BOOK), path.clone(), there.revision),
                    Expect::Absent(case.node(&LOAN), path.clone()),
                ];
                let write = match task % 2 {
                    0 => case.update(&BOOK, path.clone(), there.row.0.clone()),
                    _ => case.insert(&LOAN, path, vec![Value::Null]),
                };
                start.wait().await;
                let batch = WriteBatch { expect, writes: vec![write], request: None };
                won.push(i64::from(case.store.commit(batch).await.is_ok()));
            }
            won
        }
    })
    .await;
    for round in 0..won[0].len() {
        assert_eq!(won.iter().map(|won| won[round]).sum::<i64>(), 1, "in round {round}");
    }
}

pub(super) async fn one_of_many_requests_with_an_id_wins(case: Case) {
    let (case, won) = at_once(case, async |case: Arc<Case>, task| {
        let write = case.insert(&TICKET, ticket(task), vec![Value::Null]);
        let request = Some(request("ann", "1"));
        case.store.commit(WriteBatch { writes: vec![write], request, ..WriteBatch::default() }).await.is_ok()
    })
    .await;
    assert_eq!(won.into_iter().filter(|won| *won).count(), 1);
    let page = case.scan(&case.below(&TICKET, Path::default())).await;
    assert_eq!(page.records.len(), 1);
}

pub(super) async fn changes_of_many_tasks_are_numbered_without_gaps(case: Case) {
    let shelf_record = record(shelf("a"), shelf_row("A"));
    let incarnation = shelf_record.incarnation;
    case.given([Write::Insert(case.node(&SHELF), shelf_record)]).await;
    let (case, _) = at_once(case, move |case: Arc<Case>, _| async move {
        for _ in 0..ROUNDS {
            let writes = vec![case.append(&SHELF, shelf("a"), incarnation)];
            case.store.commit(WriteBatch { writes, ..WriteBatch::default() }).await.expect("commits");
        }
    })
    .await;
    let expected: Vec<_> = (1..=TASKS * ROUNDS).map(Value::Integer).collect();
    assert_eq!(case.change_ids(&SHELF, &shelf("a"), incarnation).await, expected);
}

pub(super) async fn no_id_is_reserved_twice(case: Case) {
    let (_, reserved) = at_once(case, async |case: Arc<Case>, task| {
        let mut ids = Vec::new();
        for _ in 0..ROUNDS {
            let first = case.store.reserve_ids(case.node(&TICKET), task + 1).await.expect("reserves");
            ids.extend(first..=first + task);
        }
        ids
    })
    .await;
    let ids: Vec<i64> = reserved.into_iter().flatten().collect();
    let distinct: HashSet<i64> = ids.iter().copied().collect();
    assert_eq!(ids.len(), distinct.len());
}

pub(super) async fn a_list_never_shows_half_a_batch(case: Case) {
    case.given([
        case.insert(&SHELF, shelf("a"), shelf_row("A")),
        case.insert(&BOOK, book("a", 1), book_row(100)),
        case.insert(&BOOK, book("a", 2), book_row(0)),
    ])
    .await;
    at_once(case, async |case: Arc<Case>, task| {
        for round in 0..ROUNDS {
            if task == 0 {
                let moved = [
                    case.update(&BOOK, book("a", 1), book_row(99 - round)),
                    case.update(&BOOK, book("a", 2), book_row(1 + round)),
                ];
                case.given(moved).await;
            } else {
                let page = case.scan(&case.below(&BOOK, shelf("a"))).await;
                let sum: i64 = page.records.iter().map(|record| number(record, PAGES)).sum();
                assert_eq!(sum, 100);
            }
        }
    })
    .await;
}

pub(super) async fn a_commit_is_seen_by_every_read_after_it(case: Case) {
    case.given([case.insert(&SHELF, shelf("a"), shelf_row("A"))]).await;
    at_once(case, async |case: Arc<Case>, task| {
        for round in 0..ROUNDS {
            let path = book("a", (task * ROUNDS + round) as u128);
            case.given([case.insert(&BOOK, path.clone(), book_row(1))]).await;
            assert!(case.read(&BOOK, &path).await.is_some());
            let page = case.scan(&case.below(&BOOK, shelf("a"))).await;
            assert!(page.records.iter().any(|record| record.path == path));
            case.given([case.update(&BOOK, path.clone(), book_row(2))]).await;
            assert_eq!(case.read(&BOOK, &path).await.expect("is there").row, Row(book_row(2)));
        }
    })
    .await;
}
