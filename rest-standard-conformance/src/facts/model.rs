//! Random batches against the store and the model in memory: the same is refused, the same is left.

use proptest::{collection::vec, option, prelude::*, sample::select};
use rest_standard::{
    descriptor::Descriptor,
    store::{Capability, Count, Expect, Record, Scan, Write, WriteBatch},
    value::{Path, Value},
};

use super::property;
use crate::{
    case::{Case, Outcome, changes, paths, record, request},
    library::{
        BOOK, BULB, ISBN, LAMP, LOAN, SETTINGS, SHELF, TERMS, TICKET, TITLE, book, book_row, bulb, root,
        shelf, text, ticket,
    },
};

/// Where the random writes go: few enough that they meet.
fn places() -> Vec<(&'static Descriptor, Path)> {
    let mut places = vec![(&SETTINGS, root()), (&TICKET, ticket(1)), (&TICKET, ticket(2))];
    for id in ["a", "ab"] {
        places.extend([(&SHELF, shelf(id)), (&LAMP, shelf(id)), (&BULB, bulb(id, 1)), (&BULB, bulb(id, 2))]);
        for number in [1, 2] {
            places.extend([&BOOK, &LOAN, &TERMS].map(|of| (of, book(id, number))));
        }
    }
    places.into_iter().map(|(of, path)| (of as &Descriptor, path)).collect()
}

#[derive(Clone, Copy, Debug)]
enum Action {
    /// Updates what is there and inserts what is not.
    Put,
    Insert,
    Update,
    Delete,
    DeleteTree,
    Append,
    ExpectRevision,
    ExpectExists,
    ExpectAbsent,
}

/// One part of a batch: an action, the place and a value that decides unique fields.
type Part = (Action, usize, i64);

fn any_batch() -> impl Strategy<Value = (Vec<Part>, Option<u8>)> {
    use Action::*;
    let action = prop_oneof![
        24 => Just(Put),
        1 => Just(Insert),
        1 => Just(Update),
        6 => Just(Delete),
        2 => Just(DeleteTree),
        8 => Just(Append),
        2 => select(vec![ExpectRevision, ExpectExists, ExpectAbsent]),
    ];
    (vec((action, 0..places().len(), 0..5_i64), 1..5), option::weighted(0.2, 0..20_u8))
}

/// A row of any resource of the tree; equal values meet in the unique fields.
fn row(of: &'static Descriptor, value: i64) -> Vec<Value> {
    let free = |value: i64| if value == 0 { Value::Null } else { text(&value.to_string()) };
    if of.is(&SHELF) {
        vec![text(&value.to_string()), free(value % 3)]
    } else if of.is(&BOOK) {
        let mut row = book_row(value);
        row[ISBN] = free(value);
        row[TITLE] = text(&format!("Volume {value} of Emma"));
        row
    } else {
        vec![Value::Integer(value)]
    }
}

/// Makes a batch of the parts; what it expects is taken from the model's state.
async fn batch(model: &Case, parts: &[Part], request_id: Option<u8>) -> WriteBatch {
    let mut batch = WriteBatch::default();
    for (action, place, value) in parts {
        let (of, path) = places().swap_remove(*place);
        let (node, there) = (model.node(of), model.read(of, &path).await);
        match action {
            Action::Put if there.is_some() => {
                batch.writes.push(Write::Update(node, record(path, row(of, *value))));
            }
            Action::Put | Action::Insert => {
                batch.writes.push(Write::Insert(node, record(path, row(of, *value))));
            }
            Action::Update => batch.writes.push(Write::Update(node, record(path, row(of, *value)))),
            Action::Delete => batch.writes.push(Write::Delete(node, path)),
            Action::DeleteTree => batch.writes.push(Write::DeleteTree(node, path)),
            Action::Append if of.changes => {
                let incarnation = there.map_or(*place as i64 * 5 + value, |there| there.incarnation);
                batch.writes.push(model.append(of, path, incarnation));
            }
            Action::Append => {}
            Action::ExpectRevision => {
                let revision = there.map_or(*value, |there| there.revision);
                batch.expect.push(Expect::Revision(node, path, revision));
            }
            Action::ExpectExists => batch.expect.push(Expect::Exists(node, path)),
            Action::ExpectAbsent => batch.expect.push(Expect::Absent(node, path)),
        }
    }
    batch.request = request_id.map(|id| request("ann", &id.to_string()));
    batch
}

/// Everything that is there: rows and the changes of all incarnations that have some.
async fn everything(case: &Case, logs: &[Scan]) -> Vec<Record> {
    let mut found = Vec::new();
    for (of, path) in places() {
        found.extend(case.read(of, &path).await);
    }
    for log in logs {
        found.extend(case.scan(log).await.records.iter().map(|record| (**record).clone()));
    }
    found
}

/// Adds the logs that the batch writes to, as queries.
fn note_logs(logs: &mut Vec<Scan>, model: &Case, batch: &WriteBatch) {
    for write in &batch.writes {
        let Write::Append(change) = write else { continue };
        let scan = changes(model.log_of(change.owner), change.path.clone(), change.incarnation);
        if !logs.contains(&scan) {
            logs.push(scan);
        }
    }
}

pub(super) async fn r002_random_batches_do_what_the_model_does(case: Case) {
    property(24, vec(any_batch(), 1..48), async |batches| {
        let (model, case) = (Case::model().await, case.another().await);
        let first = [
            case.insert(&SHELF, shelf("a"), row(&SHELF, 1)),
            case.insert(&BOOK, book("a", 1), row(&BOOK, 1)),
        ];
        model.given(first.clone()).await;
        case.given(first).await;
        let mut logs = Vec::new();
        for (parts, request_id) in batches {
            let batch = batch(&model, &parts, request_id).await;
            note_logs(&mut logs, &model, &batch);
            let is_one_write = batch.writes.len() == 1;
            let (expected, found) = (model.commit(batch.clone()).await, case.commit(batch).await);
            // Which of the conflicts of several writes is met depends on what a refused write counts as.
            if is_one_write || [expected, found].contains(&Outcome::Committed) {
                assert_eq!(expected, found);
            }
            assert_eq!(everything(&model, &logs).await, everything(&case, &logs).await);
        }
        for parent in ["a", "ab"].map(shelf) {
            let scan = Scan { count: Count::Exact, ..case.below(&BOOK, parent) };
            let (expected, found) = (model.scan(&scan).await, case.scan(&scan).await);
            assert_eq!(paths(&expected), paths(&found));
            assert_eq!(expected.total, found.total);
            for value in (0..5).filter(|_| case.can(Capability::Search)) {
                let search = vec!["vol".to_owned(), value.to_string()];
                let scan = Scan { search, ..scan.clone() };
                assert_eq!(paths(&model.scan(&scan).await), paths(&case.scan(&scan).await));
            }
        }
    });
}
