//! Which files are a database, and who may have them.

use super::*;

fn refusal(folder: &TempDir, service: &str) -> String {
    SqliteStore::open(options(folder), service).unwrap_err().description().to_owned()
}

#[tokio::test]
async fn a_second_process_is_refused() {
    let fixture = Fixture::new().await;
    assert!(refusal(&fixture.folder, SERVICE).contains("another process serves the database"));
    let link = fixture.folder.path().join("link.db");
    std::os::unix::fs::symlink(fixture.folder.path().join("test.db"), &link).unwrap();
    let by_another_name = SqliteStore::open(SqliteOptions::new(link), SERVICE).unwrap_err();
    assert!(by_another_name.description().contains("another process serves the database"));
    let fixture = fixture.reopened().await;
    fixture.vendor("acme").await;
}

#[tokio::test]
async fn a_link_to_where_nothing_is_yet_is_one_file_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("link.db");
    std::os::unix::fs::symlink(folder.path().join("target.db"), &link).unwrap();
    let first = SqliteStore::open(SqliteOptions::new(&link), SERVICE).unwrap();
    for name in ["link.db", "target.db"] {
        let second = SqliteStore::open(SqliteOptions::new(folder.path().join(name)), SERVICE).unwrap_err();
        assert!(second.description().contains("another process serves the database"), "{second:?}");
    }
    first.close().await;
}

#[tokio::test]
async fn a_file_with_two_names_and_a_folder_are_refused() {
    let Fixture { folder, store, .. } = Fixture::new().await;
    store.close().await;
    std::fs::hard_link(folder.path().join("test.db"), folder.path().join("other.db")).unwrap();
    assert!(refusal(&folder, SERVICE).contains("has 2 names (hard links)"));
    let error = SqliteStore::open(SqliteOptions::new(folder.path()), SERVICE).unwrap_err();
    assert!(error.description().contains("is a folder; name a file in it"), "{error:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn long_scans_keep_no_short_read_waiting_and_end_with_their_requests() {
    let fixture = Fixture::new().await;
    let node = fixture.node(&VENDOR);
    for batch in 0..40 {
        let insert = |number: i32| Write::Insert(node, vendor(&format!("v{batch}-{number}")));
        fixture.store.commit(writes((0..500).map(insert))).await.unwrap();
    }
    // In the order of no index, and once for each of many rows.
    let by_time =
        Scan { order: vec![(Column::CreatedAt, Direction::Ascending)], ..scan(node, &Path::default()) };
    let store = Arc::new(fixture.store);
    let long: Vec<_> = (0..100)
        .map(|_| {
            let (store, by_time) = (store.clone(), by_time.clone());
            tokio::spawn(async move { store.scan(&by_time).await.map(drop) })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(20)).await;
    let mut waited = 0;
    while long.iter().any(|scan| !scan.is_finished()) && waited < 50 {
        let path = Path(vec![Id::Slug(format!("v1-{waited}"))]);
        let read = tokio::time::timeout(Duration::from_millis(500), store.read(node, &path));
        assert!(read.await.expect("a short read does not wait").unwrap().is_some());
        waited += 1;
    }
    assert!(waited > 0, "the long scans had ended already");
    let unfinished = long.iter().filter(|scan| !scan.is_finished()).count();
    long.iter().for_each(tokio::task::JoinHandle::abort);
    let started = std::time::Instant::now();
    store.scan(&by_time).await.unwrap();
    assert!(unfinished < 10 || started.elapsed() < Duration::from_secs(2), "aborted scans went on");
}

#[tokio::test]
async fn what_is_not_this_services_database_is_refused() {
    let folder = changed_behind("").await;
    let text = refusal(&folder, "weather");
    assert!(text.contains("belongs to the service `device-registry`"), "{text}");

    let newer = changed_behind("UPDATE _meta SET format = 2").await;
    assert!(refusal(&newer, SERVICE).contains("has the format 2, and this release reads up to 1"));

    let garbage = tempfile::tempdir().unwrap();
    let path = garbage.path().join("test.db");
    std::fs::write(&path, "certainly no database, but long enough to be read as one".repeat(100)).unwrap();
    assert!(refusal(&garbage, SERVICE).contains("is not an SQLite database"));
    assert!(std::fs::read(&path).unwrap().starts_with(b"certainly no database"));
}

#[tokio::test]
async fn a_missing_folder_and_a_folder_as_file_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let missing = SqliteStore::open(SqliteOptions::new(folder.path().join("a/b.db")), SERVICE).unwrap_err();
    assert!(missing.description().contains("cannot be used"), "{missing:?}");
    let is_folder = SqliteStore::open(SqliteOptions::new(folder.path()), SERVICE).unwrap_err();
    assert_eq!(is_folder.reason(), Reason::Unavailable);
}

#[tokio::test]
async fn a_damaged_file_is_refused_or_fails_to_read() {
    let folder = changed_behind("").await;
    let path = folder.path().join("test.db");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[100..2_000].fill(0xAA);
    std::fs::write(&path, bytes).unwrap();
    assert!(refusal(&folder, SERVICE).contains("is damaged"));
}

#[tokio::test]
async fn a_read_only_file_or_folder_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = changed_behind("").await;
    let path = folder.path().join("test.db");
    let set = |path: &std::path::Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    set(&path, 0o444);
    if std::fs::File::options().write(true).open(&path).is_ok() {
        return as_nobody("a_read_only_file_or_folder_is_refused");
    }
    assert!(refusal(&folder, SERVICE).contains("read-only"));
    set(&path, 0o644);
    set(folder.path(), 0o555);
    let text = refusal(&folder, SERVICE);
    set(folder.path(), 0o755);
    assert!(text.contains("lock file") || text.contains("read-only"), "{text}");
}

/// Runs a test of this module once more, as a user to whom permissions apply; they mean nothing to the superuser.
fn as_nobody(test: &str) {
    use std::os::unix::process::CommandExt as _;
    const NOBODY: u32 = 65_534;
    // The program's own path may lead through folders that only the superuser can enter.
    let output = std::process::Command::new("/proc/self/exe")
        .args(["--exact", &format!("store::sqlite::tests::file::{test}")])
        .uid(NOBODY)
        .gid(NOBODY)
        .output()
        .expect("the superuser can run a program as somebody else");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}
