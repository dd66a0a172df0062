//! Which batches are refused, and for what.

use super::*;

#[tokio::test]
async fn an_expectation_that_does_not_hold_is_stale() {
    let fixture = Fixture::new().await;
    let (node, path) = (fixture.node(&VENDOR), fixture.vendor("acme").await);
    let absent = Path(vec!["other".into()]);
    fixture.commit(expecting(Expect::Exists(node, path.clone()))).await;
    fixture.commit(expecting(Expect::Revision(node, path.clone(), 1))).await;
    fixture.commit(expecting(Expect::Absent(node, absent.clone()))).await;
    for expect in [
        Expect::Exists(node, absent.clone()),
        Expect::Revision(node, absent, 1),
        Expect::Revision(node, path.clone(), 2),
        Expect::Absent(node, path),
    ] {
        assert_eq!(fixture.refused(expecting(expect)).await, "Stale");
    }
}

#[tokio::test]
async fn a_taken_id_a_missing_row_and_a_missing_parent_are_stale() {
    let fixture = Fixture::new().await;
    fixture.vendor("acme").await;
    let (vendors, devices) = (fixture.node(&VENDOR), fixture.node(&DEVICE));
    assert_eq!(fixture.refused(writes([Write::Insert(vendors, vendor("acme"))])).await, "Stale");
    assert_eq!(fixture.refused(writes([Write::Update(vendors, vendor("other"))])).await, "Stale");
    assert_eq!(fixture.refused(writes([Write::Insert(devices, device("other", 1))])).await, "Stale");
    let state = record(device_path("acme", 1), vec![Value::Integer(0)]);
    assert_eq!(fixture.refused(writes([Write::Insert(fixture.node(&STATE), state)])).await, "Stale");
}

#[tokio::test]
async fn a_taken_unique_value_is_named_after_a_taken_id() {
    let fixture = Fixture::new().await;
    fixture.vendor("acme").await;
    let node = fixture.node(&DEVICE);
    let first = with_serial(device("acme", 1), "s");
    fixture.commit(writes([Write::Insert(node, first.clone())])).await;
    fixture.commit(writes([Write::Insert(node, device("acme", 2))])).await;
    let taken = with_serial(device("acme", 3), "s");
    assert_eq!(fixture.refused(writes([Write::Insert(node, taken.clone())])).await, "Unique");
    assert_eq!(
        fixture.refused(writes([Write::Update(node, with_serial(device("acme", 2), "s"))])).await,
        "Unique"
    );
    assert_eq!(fixture.refused(writes([Write::Insert(node, first)])).await, "Stale");
    // A later write that is stale comes before an earlier one that is not unique.
    let missing = Write::Update(node, device("acme", 9));
    assert_eq!(fixture.refused(writes([Write::Insert(node, taken.clone()), missing])).await, "Stale");
    // What hangs on a row that was not unique is not stale for that.
    let state = record(taken.path.clone(), vec![Value::Integer(0)]);
    let below = writes([Write::Insert(node, taken), Write::Insert(fixture.node(&STATE), state)]);
    assert_eq!(fixture.refused(below).await, "Unique");
}

#[tokio::test]
async fn children_keep_a_row_from_being_deleted_and_singletons_go_with_it() {
    let fixture = Fixture::new().await;
    let parent = fixture.vendor("acme").await;
    let (vendors, devices, states, events) =
        (fixture.node(&VENDOR), fixture.node(&DEVICE), fixture.node(&STATE), fixture.node(&EVENT));
    let first = device("acme", 1);
    let event = record(first.path.join(1.into()), vec![text("rang")]);
    fixture
        .commit(writes([
            Write::Insert(devices, first.clone()),
            Write::Insert(states, record(first.path.clone(), vec![Value::Integer(1)])),
            Write::Insert(events, event.clone()),
        ]))
        .await;
    assert_eq!(fixture.refused(writes([Write::Delete(vendors, parent.clone())])).await, "HasChildren");
    assert_eq!(fixture.refused(writes([Write::Delete(devices, first.path.clone())])).await, "HasChildren");
    assert_eq!(fixture.refused(writes([Write::Delete(states, first.path.clone())])).await, "HasChildren");
    fixture.commit(writes([Write::Delete(events, event.path)])).await;
    fixture.commit(writes([Write::Delete(devices, first.path.clone())])).await;
    assert!(fixture.read(&STATE, &first.path).await.is_none());
    assert_eq!(fixture.number("SELECT count(*) FROM vendors__devices__state"), 0);
    fixture.commit(writes([Write::Delete(vendors, parent)])).await;
}

#[tokio::test]
async fn a_deleted_tree_leaves_nothing_but_its_logs() {
    let fixture = Fixture::new().await;
    let parent = fixture.vendor("acme").await;
    fixture.vendor("other").await;
    let (devices, states, events) = (fixture.node(&DEVICE), fixture.node(&STATE), fixture.node(&EVENT));
    for (vendor, number) in [("acme", 1), ("acme", 2), ("other", 3)] {
        let device = device(vendor, number);
        fixture
            .commit(writes([
                Write::Insert(devices, device.clone()),
                change(devices, &device, "Create"),
                Write::Insert(states, record(device.path.clone(), vec![Value::Integer(1)])),
                Write::Insert(events, record(device.path.join(1.into()), vec![text("rang")])),
            ]))
            .await;
        assert!(fixture.read(&EVENT, &device.path.join(1.into())).await.is_some());
    }
    assert_eq!(fixture.count(devices, &parent, Count::UpTo(10)).await, Some(2));
    fixture.commit(writes([Write::DeleteTree(fixture.node(&VENDOR), parent.clone())])).await;
    assert_eq!(fixture.count(devices, &parent, Count::UpTo(10)).await, Some(0));
    assert!(fixture.read(&DEVICE, &device_path("acme", 1)).await.is_none());
    assert!(fixture.read(&EVENT, &device_path("acme", 1).join(1.into())).await.is_none());
    assert!(fixture.read(&DEVICE, &device_path("other", 3)).await.is_some());
    assert_eq!(fixture.number("SELECT count(*) FROM vendors__devices__state__events"), 1);
    assert_eq!(fixture.number("SELECT count(*) FROM vendors__devices__changes"), 3);
}

#[tokio::test]
async fn a_request_id_is_recorded_with_the_writes_and_only_once() {
    let fixture = Fixture::new().await;
    let node = fixture.node(&VENDOR);
    let batch =
        |id: &str| WriteBatch { request: Some(request("r", 1)), ..writes([Write::Insert(node, vendor(id))]) };
    fixture.commit(batch("acme")).await;
    assert_eq!(fixture.refused(batch("other")).await, "RequestIdUsed");
    // It is the first conflict of all.
    assert_eq!(fixture.refused(batch("acme")).await, "RequestIdUsed");
    assert_eq!(fixture.store.find_request("", "r").await.unwrap(), Some(request("r", 1)));
    assert_eq!(fixture.store.find_request("ann", "r").await.unwrap(), None);
    let other_caller = RequestRecord { caller: "ann".to_owned(), ..request("r", 1) };
    fixture.commit(WriteBatch { request: Some(other_caller), ..WriteBatch::default() }).await;
}

#[tokio::test]
async fn old_request_ids_are_forgotten_in_steps() {
    let fixture = Fixture::new().await;
    for number in 0..1_200 {
        let request = request(&format!("r{number}"), number);
        fixture.commit(WriteBatch { request: Some(request), ..WriteBatch::default() }).await;
    }
    assert_eq!(fixture.store.forget_requests(instant(1_100), 1_000).await.unwrap(), 1_000);
    assert_eq!(fixture.store.forget_requests(instant(1_100), 1_000).await.unwrap(), 100);
    assert_eq!(fixture.store.forget_requests(instant(1_100), 1_000).await.unwrap(), 0);
    assert_eq!(fixture.number("SELECT count(*) FROM _requests"), 100);
    assert!(fixture.store.find_request("", "r1099").await.unwrap().is_none());
    assert!(fixture.store.find_request("", "r1100").await.unwrap().is_some());
}

#[tokio::test]
async fn a_check_leaves_nothing_behind() {
    let fixture = Fixture::new().await;
    let node = fixture.node(&VENDOR);
    let batch = WriteBatch {
        request: Some(request("r", 1)),
        ..writes([Write::Insert(node, vendor("acme")), change(node, &vendor("acme"), "Create")])
    };
    fixture.store.check(batch.clone()).await.unwrap();
    assert!(fixture.read(&VENDOR, &vendor("acme").path).await.is_none());
    assert!(fixture.store.find_request("", "r").await.unwrap().is_none());
    assert_eq!(fixture.count(node, &Path::default(), Count::Exact).await, Some(0));
    fixture.commit(batch).await;
}
