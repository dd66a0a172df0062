//! What Postgres adds: several replicas on one database, lost connections, limits of the database, a pooler between.

mod locks;
mod migrate;
mod partitions;
mod search;

use std::{
    process::{Child, Command, Stdio},
    time::Duration,
};

use rest_standard::testing::{TestClient, TestService};
use rest_standard_tests::{
    postgres::Database,
    proxy::{Cut, Proxy},
};
use serde_json::{Value as Json, json};

const TYPES: &str = "/api/v1/device-types";

async fn replica(url: &str) -> TestService {
    TestService::postgres(device_registry::service(), url).await
}

fn siren(id: &str) -> Json {
    json!({"id": id, "displayName": "Siren"})
}

async fn ids(client: &TestClient) -> Vec<String> {
    let list =
        client.get(&format!("{TYPES}?$limit=1000&$select=id")).await.assert_status(200).values().clone();
    let ids = list.as_array().into_iter().flatten().map(|value| value["id"].as_str().unwrap_or_default());
    ids.map(str::to_owned).collect()
}

#[tokio::test]
async fn r005_any_replica_answers_any_request() {
    let database = Database::take().await;
    let (one, other) = (replica(database.url()).await, replica(database.url()).await);
    let (one, other) = (one.client(), other.client());
    let made = one.post(TYPES, siren("siren")).header("request-id", "once").await.assert_status(201);

    let read = other.get(&format!("{TYPES}/siren")).await.assert_status(200);
    assert_eq!(read.values(), made.values());
    let again = other.post(TYPES, siren("siren")).header("request-id", "once").await.assert_status(201);
    assert_eq!((again.header("idempotency-replayed"), &again.body["data"]), ("true", &made.body["data"]));
    let etag = made.header("etag");
    let changed = other
        .patch(&format!("{TYPES}/siren"), json!({"displayName": "Loud siren"}))
        .header("if-match", etag)
        .await
        .assert_status(200);
    let stale = one.delete(&format!("{TYPES}/siren")).header("if-match", etag).await;
    stale.assert_refused(412, "PreconditionFailed");
    // A cursor of one replica is followed at the other.
    let _ = one.post(TYPES, siren("another")).await.assert_status(201);
    let page = one.get(&format!("{TYPES}?$limit=1")).await.assert_status(200);
    let next = page.meta()["cursorNextLink"].as_str().expect("there is more").to_owned();
    let _ = other.get(&next).await.assert_status(200);
    let changes = one.get(&format!("{TYPES}/siren/changes")).await.assert_status(200);
    assert_eq!(changes.values().as_array().map(Vec::len), Some(2), "{changes}");
    assert_eq!(one.get(&format!("{TYPES}/siren")).await.values(), changed.values());
}

/// What a killed server had committed, and nobody confirmed, is there again before its standby has it. So a replay writes the
/// record once more, and waits for the standby as the first answer did; a read alone would confirm what can still be lost.
#[tokio::test]
async fn a_replayed_answer_is_confirmed_by_a_commit_of_its_own() {
    let database = Database::take().await;
    let client = replica(database.url()).await.client();
    let send =
        async || client.post(TYPES, siren("siren")).header("request-id", "once").await.assert_status(201);
    let sql = "SELECT xmin::text FROM _requests WHERE id = 'once'";
    let written_by = async || {
        let row = database.connect().await.query_one(sql, &[]).await.expect("the record is there");
        row.get::<_, String>(0)
    };
    let _ = send().await;
    let first = written_by().await;
    assert_eq!(send().await.header("idempotency-replayed"), "true");
    assert_ne!(written_by().await, first);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r005_one_request_id_at_two_replicas_is_carried_out_once() {
    let database = Database::take().await;
    let replicas = [replica(database.url()).await, replica(database.url()).await];
    let before = ids(&replicas[0].client()).await.len();
    for round in 0..20 {
        let send = |at: usize| {
            let client = replicas[at % 2].client();
            async move {
                let id = format!("round-{round}");
                let body = json!({"id": format!("siren-{round}"), "displayName": "Siren"});
                client.post(TYPES, body).header("request-id", &id).await
            }
        };
        let answers = futures_util::future::join_all((0..6).map(send)).await;
        let first = &answers[0].body["data"];
        assert!(answers.iter().all(|answer| answer.status == 201 && answer.body["data"] == *first));
        let replayed = answers.iter().filter(|answer| answer.find_header("idempotency-replayed").is_some());
        assert_eq!(replayed.count(), 5);
    }
    assert_eq!(ids(&replicas[1].client()).await.len(), before + 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_that_start_together_make_and_fill_the_tables_once() {
    let database = Database::take().await;
    let starts = (0..5).map(|_| {
        tokio::spawn({
            let url = database.url().to_owned();
            async move { replica(&url).await }
        })
    });
    let replicas = futures_util::future::join_all(starts).await;
    let alone = TestService::memory(device_registry::service()).await.client();
    for replica in replicas {
        let client = replica.expect("every replica starts").client();
        let path = format!("{TYPES}/house-alarm/devices?$limit=0");
        let (expected, found) = (alone.get(&path).await, client.get(&path).await.assert_status(200));
        assert_eq!(
            found.meta()["totalCount"],
            expected.meta()["totalCount"],
            "the sample data are there once"
        );
    }
}

#[tokio::test]
async fn a_commit_whose_answer_is_lost_happens_once() {
    let database = Database::take().await;
    let proxy = Proxy::start(database.url()).await;
    let service = replica(proxy.url()).await;
    let client = service.client();
    for (number, cut) in [Cut::Before, Cut::After, Cut::After, Cut::Before].into_iter().enumerate() {
        // With an id of the client, and with one that the service draws.
        for named in [true, false] {
            let id = format!("cut-{number}-{named}");
            proxy.cut(cut);
            let mut request = client.post(TYPES, siren(&id));
            if named {
                request = request.header("request-id", &id);
            }
            let made = request.await.assert_status(201);
            assert_eq!(made.find_header("idempotency-replayed"), None, "{made}");
            let changes = client.get(&format!("{TYPES}/{id}/changes")).await.assert_status(200);
            assert_eq!(changes.values().as_array().map(Vec::len), Some(1), "{changes}");
            proxy.cut(cut);
            let patched = client
                .patch(&format!("{TYPES}/{id}"), json!({"displayName": "Loud siren"}))
                .await
                .assert_status(200);
            assert_eq!(client.get(&format!("{TYPES}/{id}")).await.values(), patched.values());
        }
    }
    assert_eq!(proxy.cuts(), 16);
}

/// A primary shows what it had committed and nobody had confirmed; the standby that takes its place may not know it. The record
/// of a request that is lost between two looks was never there, and the request is carried out.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_that_is_lost_while_it_is_confirmed_is_not_replayed() {
    let database = Database::take().await;
    let proxy = Proxy::start(database.url()).await;
    let service = replica(proxy.url()).await;
    let client = service.client();
    let post = |client: &TestClient| client.post(TYPES, siren("siren")).header("request-id", "once");
    let _ = post(&client).await.assert_status(201);
    proxy.lose_at("UPDATE \"_requests\"");
    let sent = post(&client);
    let again = tokio::spawn(async move { sent.await });
    while proxy.cuts() == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let lost = "DELETE FROM \"_requests\" WHERE \"id\" = 'once';
                DELETE FROM \"device_types\" WHERE \"id\" = 'siren'";
    database.connect().await.batch_execute(lost).await.expect("it can be lost");
    proxy.be_away(false);
    let made = again.await.expect("it is answered").assert_status(201);
    assert_eq!(made.find_header("idempotency-replayed"), None, "{made}");
    let _ = client.get(&format!("{TYPES}/siren")).await.assert_status(200);
}

/// A fail-over takes seconds in which no server takes a connection: requests wait for it, and are carried out.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_wait_while_no_server_takes_connections() {
    let database = Database::take().await;
    let proxy = Proxy::start(database.url()).await;
    let service = replica(proxy.url()).await;
    let client = service.client();
    let admin = database.connect().await;
    let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
               WHERE datname = current_database() AND pid <> pg_backend_pid()";
    for (id, writes) in [("one", true), ("two", false)] {
        proxy.be_away(true);
        let _ = admin.query_one(end, &[]).await.expect("its own sessions can be ended");
        let back = tokio::spawn({
            let proxy = proxy.clone();
            async move {
                tokio::time::sleep(Duration::from_millis(600)).await;
                proxy.be_away(false);
            }
        });
        let status = if writes {
            client.post(TYPES, siren(id)).await.status
        } else {
            client.get(&format!("{TYPES}/one")).await.status
        };
        assert_eq!(status, if writes { 201 } else { 200 });
        assert!(back.is_finished(), "it waited");
        back.await.expect("the proxy is back");
    }
}

#[tokio::test]
async fn r149_what_is_sent_while_serving_names_the_request() {
    let database = Database::take().await;
    let proxy = Proxy::start(database.url()).await;
    let service = replica(proxy.url()).await;
    let client = service.client();
    let _ = client.post(TYPES, siren("siren")).await.assert_status(201);
    let read = format!("{TYPES}/siren");
    let list = format!("{TYPES}?$limit=7");
    let filtered = format!("{TYPES}?$filter=displayName%20%3D%20%22Siren%22");
    for path in [&read, &list, &filtered] {
        let _ = proxy.sent();
        let _ = client.get(path).header("request-id", "who-asks-42").await.assert_status(200);
        let sent = proxy.sent();
        assert!(sent.contains("/* request who-asks-42 */"), "{path}: {sent}");
    }
    let _ = proxy.sent();
    let changed = client.patch(&read, json!({"displayName": "A"})).header("request-id", "who-writes-42");
    let _ = changed.await.assert_status(200);
    assert!(proxy.sent().contains("/* request who-writes-42 */ BEGIN"));
    // An id cannot end the comment that it is in.
    let _ = proxy.sent();
    let _ = client.get(&read).header("request-id", "a:b.c_d-e").await;
    let sent = proxy.sent();
    assert_eq!(sent.matches("*/").count(), sent.matches("/*").count(), "{sent}");
}

#[tokio::test]
async fn counts_share_no_scan_of_a_table_with_a_pooler_or_without() {
    let database = Database::take().await;
    for (pooler, setting) in [
        ("", "SET synchronize_seqscans = off"),
        ("&pooler=transaction", "SET LOCAL synchronize_seqscans = off"),
    ] {
        let proxy = Proxy::start(database.url()).await;
        let service = replica(&format!("{}{pooler}", proxy.url())).await;
        let _ = service.client().get(TYPES).await.assert_status(200);
        let sent = proxy.sent();
        assert!(sent.contains(setting), "{sent}");
    }
}

#[tokio::test]
async fn comments_that_are_off_are_not_sent() {
    let database = Database::take().await;
    let proxy = Proxy::start(database.url()).await;
    let service = replica(&format!("{}&comments=off", proxy.url())).await;
    let client = service.client();
    let _ = proxy.sent();
    let _ = client.post(TYPES, siren("siren")).await.assert_status(201);
    for path in [format!("{TYPES}/siren"), format!("{TYPES}?$limit=7")] {
        let _ = client.get(&path).await.assert_status(200);
    }
    let sent = proxy.sent();
    assert!(sent.contains("INSERT INTO \"device_types\"") && !sent.contains("/*"), "{sent}");
}

/// How many statements of the service run in the database at present.
async fn running(database: &Database) -> i64 {
    let row = database
        .connect()
        .await
        .query_one(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' \
             AND pid <> pg_backend_pid()",
            &[],
        )
        .await;
    row.expect("the activity can be read").get(0)
}

async fn until_nothing_runs(database: &Database) {
    for _ in 0..100 {
        if running(database).await == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("a statement still runs");
}

#[tokio::test]
async fn a_request_that_nobody_waits_for_ends_its_statement() {
    let database = Database::take().await;
    let service = replica(database.url()).await;
    let client = service.client();
    let locking = database.connect().await;
    let lock = "BEGIN; LOCK TABLE device_types IN ACCESS EXCLUSIVE MODE";
    locking.batch_execute(lock).await.expect("the table can be locked");
    for path in [TYPES.to_owned(), format!("{TYPES}?$filter=displayName:*"), format!("{TYPES}/siren")] {
        let request = tokio::time::timeout(Duration::from_millis(200), async { client.get(&path).await });
        assert!(request.await.is_err(), "{path}: the lock keeps it waiting");
        until_nothing_runs(&database).await;
    }
    locking.batch_execute("ROLLBACK").await.expect("the lock can be given up");
    let _ = client.get(TYPES).await.assert_status(200);
}

#[tokio::test]
async fn a_statement_ends_with_the_time_of_its_request() {
    let database = Database::take().await;
    let limit = Duration::from_millis(400);
    let limits = rest_standard::service::Limits { time: limit, ..Default::default() };
    let service = TestService::postgres(device_registry::service().limits(limits), database.url()).await;
    let client = service.client();
    let locking = database.connect().await;
    let lock = "BEGIN; LOCK TABLE device_types IN ACCESS EXCLUSIVE MODE";
    locking.batch_execute(lock).await.expect("the table can be locked");
    client.get(TYPES).await.assert_refused(504, "Timeout");
    let refused = client.post(TYPES, siren("late")).await;
    refused.assert_refused(504, "Timeout");
    until_nothing_runs(&database).await;
    locking.batch_execute("ROLLBACK").await.expect("the lock can be given up");
    client.get(&format!("{TYPES}/late")).await.assert_refused(404, "NotFound");
}

#[tokio::test]
async fn a_server_that_ends_every_connection_is_met_again() {
    let database = Database::take().await;
    let service = replica(database.url()).await;
    let client = service.client();
    let _ = client.post(TYPES, siren("siren")).await.assert_status(201);
    let admin = database.connect().await;
    for round in 0..5 {
        let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() \
                   AND pid <> pg_backend_pid()";
        let _ = admin.query(end, &[]).await.expect("connections can be ended");
        let _ = client.get(&format!("{TYPES}/siren")).await.assert_status(200);
        let _ = admin.query(end, &[]).await.expect("connections can be ended");
        let body = json!({"displayName": format!("Siren {round}")});
        let _ = client.patch(&format!("{TYPES}/siren"), body).await.assert_status(200);
    }
    let changes = client.get(&format!("{TYPES}/siren/changes")).await.assert_status(200);
    assert_eq!(changes.values().as_array().map(Vec::len), Some(6), "{changes}");
}

#[tokio::test]
async fn readiness_is_false_where_nothing_can_be_committed() {
    let database = Database::take().await;
    let service = replica(database.url()).await;
    let client = service.client();
    let _ = client.get("/health/ready").await.assert_status(200);
    let locking = database.connect().await;
    let lock = "BEGIN; LOCK TABLE \"_meta\" IN ACCESS EXCLUSIVE MODE";
    locking.batch_execute(lock).await.expect("the table can be locked");
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    client.get("/health/ready").await.assert_refused(503, "Unavailable");
    locking.batch_execute("ROLLBACK").await.expect("the lock can be given up");
    let _ = client.get("/health/ready").await.assert_status(200);
}

/// PgBouncer in transaction mode before a database; it ends with the test.
struct Pooler {
    process: Child,
    url: String,
    _folder: tempfile::TempDir,
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Pooler {
    async fn start(database: &Database) -> Self {
        let (host, name) = database
            .url()
            .split_once('@')
            .and_then(|(_, rest)| rest.split_once('/'))
            .expect("user@host/database");
        let (host, port) = host.split_once(':').expect("host:port");
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("this machine has a free port");
        let own = free.local_addr().expect("a listener has an address").port();
        drop(free);
        let folder = tempfile::tempdir().expect("a temporary folder");
        let settings = format!(
            "[databases]\n{name} = host={host} port={port} dbname={name} user=postgres\n[pgbouncer]\n\
             listen_addr = 127.0.0.1\nlisten_port = {own}\nunix_socket_dir =\nauth_type = any\npool_mode = transaction\n\
             default_pool_size = 4\nmax_client_conn = 100\nignore_startup_parameters = extra_float_digits\n"
        );
        let file = folder.path().join("pgbouncer.ini");
        std::fs::write(&file, settings).expect("the folder is writable");
        // Debian puts it where only root looks.
        let debian = std::path::Path::new("/usr/sbin/pgbouncer");
        let program = if debian.is_file() { debian } else { std::path::Path::new("pgbouncer") };
        let mut command = Command::new(program);
        let is_root = Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout.trim_ascii() == b"0");
        if is_root {
            let _ = Command::new("chmod").arg("-R").arg("a+rX").arg(folder.path()).status();
            command.args(["-u", "postgres"]);
        }
        let process = command.arg("-q").arg(&file).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let process = process.expect("pgbouncer is installed: `cargo xtask test` does it");
        let url = format!("postgres://postgres@127.0.0.1:{own}/{name}?pooler=transaction");
        let this = Self { process, url, _folder: folder };
        for _ in 0..200 {
            if tokio::net::TcpStream::connect(("127.0.0.1", own)).await.is_ok() {
                return this;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("pgbouncer does not answer");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pooler_that_lends_connections_for_a_transaction_is_enough() {
    let database = Database::take().await;
    let pooler = Pooler::start(&database).await;
    let replicas = [replica(&pooler.url).await, replica(&pooler.url).await];
    let work = (0..40).map(|at| {
        let client = replicas[at % 2].client();
        async move {
            let id = format!("siren-{at}");
            let _ = client.post(TYPES, siren(&id)).header("request-id", &id).await.assert_status(201);
            let path = format!("{TYPES}/{id}");
            let _ = client.patch(&path, json!({"displayName": "B"})).await.assert_status(200);
            let devices = format!("{path}/devices");
            let body =
                json!({"displayName": "D", "owner": "o", "serialNumber": format!("PB-{at}"), "tags": ["x"]});
            let _ = client.post(&devices, body).await.assert_status(201);
            let list = client.get(&format!("{devices}?$filter=tags:%22x%22")).await.assert_status(200);
            assert_eq!(list.values().as_array().map(Vec::len), Some(1));
            client.delete(&path).await.assert_refused(409, "HasChildren");
            let batch = client.post(&format!("{TYPES}:batchGet"), json!({"ids": [id]})).await;
            let _ = batch.assert_status(200);
        }
    });
    futures_util::future::join_all(work).await;
    let export = replicas[0].client().get(&format!("{TYPES}:export")).await.assert_status(200);
    assert!(export.text.lines().count() >= 40);
}
