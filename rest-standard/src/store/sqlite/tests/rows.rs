//! Rows: what is written comes back.

use super::*;

#[tokio::test]
async fn a_record_comes_back_as_it_was_written() {
    let fixture = Fixture::new().await;
    let settings = record(
        Path::default(),
        vec![
            Value::Bool(true),
            Value::Timestamp("1969-12-31T23:59:59.000001Z".parse().unwrap()),
            Value::Date("2026-11-21".parse().unwrap()),
            Value::Uuid(Uuid::from_u128(9)),
            Value::Bytes(vec![0, 255]),
            Value::Json(json!({"b": [1, null, "ü"], "a": u64::MAX})),
            Value::Float(-0.0),
        ],
    );
    fixture.commit(writes([Write::Insert(fixture.node(&SETTINGS), settings.clone())])).await;
    let cached = fixture.read(&SETTINGS, &Path::default()).await.unwrap();
    let fixture = fixture.reopened().await;
    let stored = fixture.read(&SETTINGS, &Path::default()).await.unwrap();
    assert_eq!(*stored, settings);
    assert_eq!(format!("{cached:?}"), format!("{stored:?}"));
}

#[tokio::test]
async fn nulls_come_back_as_nulls() {
    let fixture = Fixture::new().await;
    let settings = record(Path::default(), vec![Value::Null; 7]);
    fixture.commit(writes([Write::Insert(fixture.node(&SETTINGS), settings.clone())])).await;
    let fixture = fixture.reopened().await;
    assert_eq!(*fixture.read(&SETTINGS, &Path::default()).await.unwrap(), settings);
}

#[tokio::test]
async fn an_update_keeps_what_belongs_to_the_creation() {
    let fixture = Fixture::new().await;
    fixture.vendor("acme").await;
    let (node, first) = (fixture.node(&DEVICE), device("acme", 1));
    fixture.commit(writes([Write::Insert(node, first.clone()), change(node, &first, "Create")])).await;
    let mut second =
        Record { revision: 2, incarnation: 0, change_count: 50, created_at: instant(50), ..first.clone() };
    second.row.0[2] = Value::Integer(9);
    second.updated_by = None;
    let batch = WriteBatch {
        expect: vec![Expect::Revision(node, first.path.clone(), 1)],
        writes: vec![Write::Update(node, second.clone()), change(node, &first, "Update")],
        request: None,
    };
    fixture.commit(batch).await;
    let expected =
        Record { incarnation: first.incarnation, change_count: 2, created_at: first.created_at, ..second };
    assert_eq!(*fixture.read(&DEVICE, &first.path).await.unwrap(), expected);
    let fixture = fixture.reopened().await;
    assert_eq!(*fixture.read(&DEVICE, &first.path).await.unwrap(), expected);
}

#[tokio::test]
async fn an_update_without_a_verified_revision_is_whole_as_well() {
    let fixture = Fixture::new().await;
    fixture.vendor("acme").await;
    let (node, first) = (fixture.node(&DEVICE), device("acme", 1));
    fixture.commit(writes([Write::Insert(node, first.clone())])).await;
    let second = Record { revision: 2, ..with_serial(first.clone(), "s") };
    fixture.commit(writes([Write::Update(node, second.clone())])).await;
    assert_eq!(*fixture.read(&DEVICE, &first.path).await.unwrap(), second);
}

#[tokio::test]
async fn several_changes_in_one_batch_are_counted_once_each() {
    let fixture = Fixture::new().await;
    let (node, first) = (fixture.node(&VENDOR), vendor("acme"));
    let updated = Record { revision: 2, ..first.clone() };
    let batch = writes([
        Write::Insert(node, first.clone()),
        change(node, &first, "Create"),
        Write::Update(node, updated.clone()),
        change(node, &first, "Update"),
        Write::Update(node, Record { revision: 3, ..updated.clone() }),
        change(node, &first, "Update"),
    ]);
    fixture.commit(batch).await;
    assert_eq!(fixture.read(&VENDOR, &first.path).await.unwrap().change_count, 3);
    assert_eq!(fixture.number("SELECT _changes FROM vendors"), 3);
    assert_eq!(fixture.number("SELECT count(*) = 3 AND max(id) = 3 FROM vendors__changes"), 1);
}

#[tokio::test]
async fn a_change_of_a_deleted_resource_continues_its_log() {
    let fixture = Fixture::new().await;
    let (node, log, first) = (fixture.node(&VENDOR), fixture.log(&VENDOR), vendor("acme"));
    fixture.commit(writes([Write::Insert(node, first.clone()), change(node, &first, "Create")])).await;
    fixture.commit(writes([Write::Delete(node, first.path.clone()), change(node, &first, "Delete")])).await;
    let again = Record { incarnation: 8, ..first.clone() };
    fixture.commit(writes([Write::Insert(node, again.clone()), change(node, &again, "Create")])).await;

    let changes =
        Scan { scope: Scope::Changes(first.path.clone(), 7), count: Count::Exact, ..scan(log, &first.path) };
    let page = fixture.store.scan(&changes).await.unwrap();
    assert_eq!(ids(&page), [1.into(), 2.into()]);
    assert_eq!(page.total.unwrap().count, 2);
    let entry = fixture.store.read_change(log, &first.path.join(2.into()), 7).await.unwrap().unwrap();
    assert_eq!(*entry, *page.records[1]);
    assert_eq!((entry.revision, entry.incarnation, entry.created_at), (9, 7, instant(2)));
    assert_eq!(entry.row.0, [text("request"), text("Delete"), Value::Json(json!({"a": 1}))]);
    assert!(fixture.store.read_change(log, &first.path.join(2.into()), 8).await.unwrap().is_none());
}

#[tokio::test]
async fn a_singleton_at_the_root_has_one_row_and_a_log() {
    let fixture = Fixture::new().await;
    let (node, first) = (fixture.node(&SETTINGS), record(Path::default(), vec![Value::Null; 7]));
    fixture.commit(writes([Write::Insert(node, first.clone()), change(node, &first, "Update")])).await;
    assert_eq!(fixture.refused(writes([Write::Insert(node, first.clone())])).await, "Stale");
    let second = Record { revision: 2, ..first.clone() };
    fixture.commit(writes([Write::Update(node, second.clone()), change(node, &first, "Update")])).await;
    assert_eq!(fixture.read(&SETTINGS, &Path::default()).await.unwrap().change_count, 2);
    fixture.commit(writes([Write::Delete(node, Path::default())])).await;
    assert!(fixture.read(&SETTINGS, &Path::default()).await.is_none());
}
