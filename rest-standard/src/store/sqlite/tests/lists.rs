//! Pages, orders, filters and counts.

use super::*;

#[tokio::test]
async fn pages_by_cursor_are_the_sorted_list_for_every_order() {
    use Direction::{Ascending, Descending};
    let (fixture, parent, devices) = filled().await;
    let columns = [
        Column::Field(0),
        Column::Field(1),
        Column::Field(2),
        Column::Field(4),
        Column::Id,
        Column::CreatedAt,
        Column::UpdatedBy,
    ];
    let mut orders = vec![Vec::new()];
    for first in columns {
        for direction in [Ascending, Descending] {
            orders.push(vec![(first, direction)]);
            for second in columns.into_iter().filter(|second| *second != first) {
                orders.push(vec![(first, direction), (second, Ascending)]);
                orders.push(vec![(first, direction), (second, Descending), (Column::Field(3), Ascending)]);
            }
        }
    }
    for order in orders {
        let expected = sorted(devices.clone(), &order);
        let mut found = Vec::new();
        let mut scan = Scan { order: order.clone(), limit: 17, ..scan(fixture.node(&DEVICE), &parent) };
        loop {
            let page = fixture.store.scan(&scan).await.unwrap();
            found.extend(ids(&page));
            assert_eq!(page.more, found.len() < expected.len(), "{order:?}");
            let Some(last) = page.records.last().filter(|_| page.more) else { break };
            let values = order.iter().map(|(column, _)| *column).chain([Column::Id]);
            scan.after = Some(values.map(|column| column.value(last)).collect());
        }
        assert_eq!(found, expected, "{order:?}");
    }
}

#[tokio::test]
async fn an_offset_skips_with_and_without_a_cursor() {
    let (fixture, parent, devices) = filled().await;
    let order = vec![(Column::Field(1), Direction::Descending)];
    let expected = sorted(devices, &order);
    let first = Scan { order: order.clone(), offset: 30, limit: 5, ..scan(fixture.node(&DEVICE), &parent) };
    let page = fixture.store.scan(&first).await.unwrap();
    assert_eq!(ids(&page), expected[30..35]);
    let last = page.records.last().unwrap();
    let after = Some(vec![Column::Field(1).value(last), Column::Id.value(last)]);
    let page = fixture.store.scan(&Scan { after, offset: 50, ..first }).await.unwrap();
    assert_eq!(ids(&page), expected[85..90]);
}

#[tokio::test]
async fn a_filter_finds_equal_values_and_null() {
    let (fixture, parent, devices) = filled().await;
    for value in [text("ann"), Value::Null, text("nobody")] {
        let expected: Vec<Record> =
            devices.iter().filter(|device| device.row.0[1] == value).cloned().collect();
        let scan = Scan {
            equals: vec![(Column::Field(1), value)],
            count: Count::UpTo(10),
            ..scan(fixture.node(&DEVICE), &parent)
        };
        let page = fixture.store.scan(&scan).await.unwrap();
        assert_eq!(ids(&page), sorted(expected.clone(), &[]));
        let total = page.total.unwrap();
        assert_eq!((total.count, total.exact), (expected.len().min(10) as u64, expected.len() <= 10));
        let page = fixture.store.scan(&Scan { limit: 1, ..scan }).await.unwrap();
        assert_eq!(page.total, Some(total));
    }
}

#[tokio::test]
async fn a_limit_of_zero_gives_only_what_is_known_of_the_list() {
    let (fixture, parent, _) = filled().await;
    let empty = Scan { limit: 0, count: Count::UpTo(10_000), ..scan(fixture.node(&DEVICE), &parent) };
    let page = fixture.store.scan(&empty).await.unwrap();
    assert!(page.records.is_empty() && page.more);
    assert_eq!(page.total.unwrap().count, 120);
}

#[tokio::test]
async fn counts_follow_creates_and_deletes() {
    let (fixture, parent, _) = filled().await;
    let node = fixture.node(&DEVICE);
    let count = |limit| fixture.count(node, &parent, limit);
    assert_eq!(count(Count::UpTo(100)).await, Some(100));
    assert_eq!(count(Count::Exact).await, Some(120));
    for number in 0..30 {
        fixture.commit(writes([Write::Delete(node, device_path("acme", number))])).await;
        assert_eq!(count(Count::Exact).await, Some(119 - number as u64));
        assert_eq!(count(Count::UpTo(100)).await, Some(100.min(119 - number as u64)));
    }
    fixture.commit(writes([Write::Insert(node, device("acme", 500))])).await;
    assert_eq!(count(Count::Exact).await, Some(91));
    // A refused or only checked batch counts nothing.
    fixture.store.check(writes([Write::Insert(node, device("acme", 501))])).await.unwrap();
    assert_eq!(fixture.refused(writes([Write::Insert(node, device("acme", 500))])).await, "Stale");
    assert_eq!(count(Count::Exact).await, Some(91));
}

#[tokio::test]
async fn a_count_that_stopped_early_is_taken_again_when_deletes_use_it_up() {
    let (fixture, parent, _) = filled().await;
    let node = fixture.node(&DEVICE);
    let count = || fixture.count(node, &parent, Count::UpTo(20));
    assert_eq!(count().await, Some(20));
    for number in 0..110 {
        fixture.commit(writes([Write::Delete(node, device_path("acme", number))])).await;
        assert_eq!(count().await, Some(20.min(119 - number as u64)));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn caches_hold_what_was_committed_last_while_others_read() {
    let fixture = Arc::new(Fixture::new().await);
    let parent = fixture.vendor("acme").await;
    let node = fixture.node(&DEVICE);
    let stop = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let readers: Vec<_> = (0..3)
        .map(|_| {
            let (fixture, stop, parent) = (Arc::clone(&fixture), Arc::clone(&stop), parent.clone());
            tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    for number in 0..8 {
                        fixture.read(&DEVICE, &device_path("acme", number)).await;
                    }
                    fixture.count(fixture.node(&DEVICE), &parent, Count::Exact).await;
                    // Caches that are dropped are filled again under fire.
                    let unknown =
                        |key: &crate::store::sqlite::cache::CountKey| key.node == fixture.node(&DEVICE);
                    fixture.store.shared.counts.commit([], Some(unknown), || Ok::<(), ()>(())).unwrap();
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    let mut there = 0_u64;
    for round in 1..400_i64 {
        let number = (round % 8) as u128;
        let path = device_path("acme", number);
        let write = match fixture.read(&DEVICE, &path).await {
            Some(_) if round % 3 == 0 => Write::Delete(node, path.clone()),
            Some(_) => Write::Update(node, Record { revision: round, ..device("acme", number) }),
            None => Write::Insert(node, Record { revision: round, ..device("acme", number) }),
        };
        there = match &write {
            Write::Insert(..) => there + 1,
            Write::Delete(..) => there - 1,
            _ => there,
        };
        let expected = if matches!(write, Write::Delete(..)) { None } else { Some(round) };
        fixture.commit(writes([write])).await;
        let found = fixture.read(&DEVICE, &path).await.map(|record| record.revision);
        assert_eq!(found, expected);
        assert_eq!(fixture.count(node, &parent, Count::Exact).await, Some(there));
    }
    stop.store(true, Ordering::Relaxed);
    for reader in readers {
        reader.await.unwrap();
    }
}

#[tokio::test]
async fn unique_values_are_found() {
    let fixture = Fixture::new().await;
    fixture.vendor("acme").await;
    let node = fixture.node(&DEVICE);
    fixture.commit(writes([Write::Insert(node, with_serial(device("acme", 1), "s"))])).await;
    assert_eq!(fixture.store.find_unique(node, 3, &text("s")).await.unwrap(), Some(device_path("acme", 1)));
    assert_eq!(fixture.store.find_unique(node, 3, &text("t")).await.unwrap(), None);
    assert_eq!(fixture.store.find_unique(node, 3, &Value::Null).await.unwrap(), None);
}
