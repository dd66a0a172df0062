//! Groups of batches, full queues and disks, and restarts.

use super::*;

#[tokio::test]
async fn a_bad_batch_in_a_group_leaves_the_others_alone() {
    let fixture = Fixture::new().await;
    let node = fixture.node(&VENDOR);
    let store = &fixture.store;
    // Something slow lets the batches gather.
    let pause = store.writer.run(|_| {
        std::thread::sleep(Duration::from_millis(100));
        Ok(())
    });
    let batches = (0..40).map(|number| {
        let id = format!("v{}", number - number % 2);
        store.commit(WriteBatch {
            request: Some(request(&format!("r{number}"), 1)),
            ..{
                let vendor = Record { incarnation: number, ..vendor(&id) };
                writes([Write::Insert(node, vendor.clone()), change(node, &vendor, "Create")])
            }
        })
    });
    let groups = store.shared.groups.load(Ordering::Relaxed);
    let (_, outcomes) = tokio::join!(pause, futures_util::future::join_all(batches));
    assert_eq!(store.shared.groups.load(Ordering::Relaxed) - groups, 1);
    for (number, outcome) in outcomes.iter().enumerate() {
        assert_eq!(outcome.is_ok(), number % 2 == 0, "{number}: {outcome:?}");
        let recorded = store.find_request("", &format!("r{number}")).await.unwrap();
        assert_eq!(recorded.is_some(), outcome.is_ok());
    }
    assert_eq!(fixture.number("SELECT count(*) FROM vendors"), 20);
    assert_eq!(fixture.number("SELECT count(*) FROM vendors__changes"), 20);
}

#[tokio::test]
async fn a_full_queue_refuses_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(SqliteOptions { queue: 1, ..options(&folder) }, SERVICE).unwrap();
    store.migrate(tree(), instant(0)).await.unwrap();
    let pause = store.writer.run(|_| {
        std::thread::sleep(Duration::from_millis(200));
        Ok(())
    });
    let later = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let (first, second) =
            tokio::join!(store.commit(WriteBatch::default()), store.commit(WriteBatch::default()));
        assert!(first.is_ok());
        let Conflict::Store(error) = second.unwrap_err() else { panic!("not a failure of the store") };
        assert_eq!(error.reason(), Reason::Unavailable);
        assert!(error.retry_after().is_some());
    };
    tokio::join!(pause, later).0.unwrap();
}

#[tokio::test]
async fn a_full_disk_loses_nothing_and_recovers() {
    let fixture = Fixture::new().await;
    let node = fixture.node(&VENDOR);
    let limit = |pages: i64| {
        fixture.store.writer.run(move |connection| {
            connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))?;
            Ok(())
        })
    };
    limit(1).await.unwrap();
    let large = |number: usize| {
        let id = format!("v{number}");
        let record = Record { row: Row(vec![text(&"x".repeat(8_000))]), ..vendor(&id) };
        fixture.store.commit(writes([Write::Insert(node, record)]))
    };
    let outcomes = futures_util::future::join_all((0..200).map(large)).await;
    let failed = outcomes.iter().filter(|outcome| outcome.is_err()).count();
    assert!(failed > 0);
    for outcome in outcomes.iter().filter_map(|outcome| outcome.as_ref().err()) {
        let Conflict::Store(error) = outcome else { panic!("{outcome:?}") };
        assert_eq!(error.reason(), Reason::Unavailable);
        assert!(error.source().unwrap().to_string().contains("the disk is full"), "{error:?}");
    }
    assert_eq!(fixture.number("SELECT count(*) FROM vendors"), 200 - failed as i64);
    limit(1_000_000).await.unwrap();
    fixture.store.ready().await.unwrap();
    fixture.vendor("acme").await;
    let fixture = fixture.reopened().await;
    assert_eq!(fixture.number("SELECT count(*) FROM vendors"), 201 - failed as i64);
}

#[tokio::test]
async fn after_a_failed_write_ready_is_proved_by_bytes_that_reach_the_log() {
    let fixture = Fixture::new().await;
    let log = fixture.folder.path().join("test.db-wal");
    let size = || std::fs::metadata(&log).unwrap().len();
    for _ in 0..3 {
        fixture.store.shared.failing.store(true, Ordering::Relaxed);
        let before = size();
        fixture.store.ready().await.unwrap();
        assert!(size() > before, "{before} bytes before and after");
        assert!(!fixture.store.shared.failing.load(Ordering::Relaxed));
    }
}

#[tokio::test]
async fn a_group_with_refused_batches_keeps_the_others_whole() {
    let fixture = Fixture::new().await;
    let node = fixture.node(&VENDOR);
    fixture.vendor("taken").await;
    let batch = |number: usize| {
        let id = format!("v{number}");
        let mut batch = writes([Write::Insert(node, vendor(&id))]);
        // Each fifth finds out only after its own insert that it must be taken back.
        if number.is_multiple_of(5) {
            batch.writes.push(Write::Insert(node, vendor("taken")));
        }
        fixture.store.commit(batch)
    };
    let outcomes = futures_util::future::join_all((0..100).map(batch)).await;
    for (number, outcome) in outcomes.iter().enumerate() {
        assert_eq!(outcome.is_err(), number.is_multiple_of(5), "{number}: {outcome:?}");
    }
    assert_eq!(fixture.number("SELECT count(*) FROM vendors"), 81);
    let shared = &fixture.store.shared;
    assert!(
        shared.groups.load(Ordering::Relaxed) < shared.grouped.load(Ordering::Relaxed),
        "nothing was grouped"
    );
}

#[tokio::test]
async fn everything_committed_is_there_after_a_restart() {
    let mut fixture = Fixture::new().await;
    let secret = fixture.store.secret().await.unwrap();
    for round in 0..3_u128 {
        for number in 0..20 {
            let id = format!("v{}", round * 20 + number);
            fixture.vendor(&id).await;
        }
        fixture = fixture.reopened().await;
    }
    assert_eq!(fixture.count(fixture.node(&VENDOR), &Path::default(), Count::Exact).await, Some(60));
    assert_eq!(fixture.store.secret().await.unwrap(), secret);
    assert_eq!(fixture.store.created_at().await.unwrap(), instant(0));
}

#[tokio::test]
async fn a_file_left_by_a_killed_process_is_whole() {
    let fixture = Fixture::new().await;
    for number in 0..50 {
        fixture.vendor(&format!("v{number}")).await;
    }
    // What a killed process leaves: the file and its log as they are, and nobody who tidies up.
    let copy = tempfile::tempdir().unwrap();
    for file in ["test.db", "test.db-wal"] {
        std::fs::copy(fixture.folder.path().join(file), copy.path().join(file)).unwrap();
    }
    let store = SqliteStore::open(options(&copy), SERVICE).unwrap();
    store.migrate(tree(), instant(0)).await.unwrap();
    let page = store.scan(&scan(fixture.node(&VENDOR), &Path::default())).await.unwrap();
    assert_eq!(page.records.len(), 50);
}

#[tokio::test]
async fn a_closed_store_has_no_log_to_recover_and_takes_no_work() {
    let fixture = Fixture::new().await;
    fixture.vendor("acme").await;
    fixture.store.close().await;
    fixture.store.close().await;
    let log = std::fs::metadata(fixture.folder.path().join("test.db-wal")).map_or(0, |file| file.len());
    assert_eq!(log, 0);
    let refused = fixture.store.commit(WriteBatch::default()).await.unwrap_err();
    assert_eq!(name(&refused), "Unavailable");
    assert!(fixture.store.ready().await.is_err());
    let path = Path(vec!["other".into()]);
    assert!(fixture.store.read(fixture.node(&VENDOR), &path).await.is_err());
    SqliteStore::open(options(&fixture.folder), SERVICE).unwrap();
}

#[tokio::test]
async fn integer_ids_are_never_given_twice_and_a_clean_restart_leaves_no_gap() {
    let fixture = Fixture::new().await;
    let node = fixture.node(&EVENT);
    assert_eq!(fixture.store.reserve_ids(node, 1).await.unwrap(), 1);
    assert_eq!(fixture.store.reserve_ids(node, 2).await.unwrap(), 2);
    assert_eq!(fixture.store.reserve_ids(node, 100).await.unwrap(), 4);
    assert_eq!(fixture.store.reserve_ids(node, 1).await.unwrap(), 104);
    fixture.store.close().await;
    let fixture = fixture.reopened().await;
    assert_eq!(fixture.store.reserve_ids(node, 1).await.unwrap(), 105);
    // Without a clean end the rest of the block is lost, and nothing is given twice.
    let fixture = fixture.reopened().await;
    assert!(fixture.store.reserve_ids(node, 1).await.unwrap() > 105);
}
