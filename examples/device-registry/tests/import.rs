//! The import, killed and run again, and the service killed under it: nothing is lost, and nothing is there twice.
//!
//! With `REST_STANDARD_LONG=1` the list is the one of Debian's package `usb.ids`, otherwise a small one.

use std::{
    collections::{BTreeMap, hash_map::RandomState},
    fmt::Write as _,
    hash::BuildHasher as _,
    io::{BufRead as _, BufReader, Lines},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, ChildStderr, Command, Stdio},
};

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use http::Request;
use http_body_util::{BodyExt as _, Full};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::{Value as Json, json};
use tempfile::TempDir;

const LISTS: [&str; 2] = ["/usr/share/misc/usb.ids", "/var/lib/usbutils/usb.ids"];
/// How often a program is killed before the import is left to end.
const KILLS: usize = 3;

#[tokio::test]
async fn an_import_that_is_killed_three_times_leaves_what_a_clean_run_leaves() {
    let world = World::new();
    let clean = world.clean_run().await;
    let registry = Registry::start(&world.database("killed-import"), free_port());
    for done in world.thirds() {
        let mut import = world.import(&registry);
        import.wait_until(done);
        import.kill();
    }
    let report = world.import(&registry).finish();
    println!("after {KILLS} kills of the import: {report}");
    assert!(report.contains(" failed 0, not sent 0 "), "{report}");
    assert!(!report.contains("replayed 0,"), "what was created before a kill is replayed: {report}");
    assert_same(&clean, &registry.snapshot().await);
}

#[tokio::test]
async fn an_import_whose_service_is_killed_three_times_leaves_what_a_clean_run_leaves() {
    let world = World::new();
    let clean = world.clean_run().await;
    let (database, port) = (world.database("killed-service"), free_port());
    let mut registry = Registry::start(&database, port);
    let mut import = world.import(&registry);
    for done in world.thirds() {
        import.wait_until(done);
        drop(registry);
        registry = Registry::start(&database, port);
    }
    let report = import.finish();
    println!("after {KILLS} kills of the service: {report}");
    assert!(report.contains(" failed 0, not sent 0 "), "{report}");
    assert_same(&clean, &registry.snapshot().await);
}

#[tokio::test]
async fn what_is_there_without_a_record_counts_and_what_differs_fails() {
    let world = World::with_list("0001  One\n0002  Two\n0003  Three\n");
    let registry = Registry::start(&world.database("there-already"), free_port());
    let one = json!({"id": "usb-0001", "displayName": "One", "manufacturer": "One"});
    let other = json!({"id": "usb-0002", "displayName": "Second", "manufacturer": "Two"});
    for body in [one, other] {
        registry.post("/device-types", &body).await;
    }
    let (code, report) = world.import(&registry).end();
    assert!(report.starts_with("created 1, replayed 0, already there 1, failed 1, not sent 0 "), "{report}");
    assert_ne!(code, Some(0), "a failure shows in the exit code");
}

#[tokio::test]
async fn every_mode_leaves_what_single_creates_leave() {
    let world = World::new();
    let clean = world.clean_run().await;
    for mode in ["batch", "ndjson"] {
        let registry = Registry::start(&world.database(mode), free_port());
        let report = world.import_with(&registry, &["--mode", mode]).finish();
        println!("{mode}: {report}");
        let expected =
            format!("created {}, replayed 0, already there 0, failed 0, not sent 0 ", world.entries);
        assert!(report.starts_with(&expected), "{report}");
        assert!(report.contains(" rows per second"), "{report}");
        assert_same(&clean, &without_request_ids(registry.snapshot().await, &clean));
        let again = world.import_with(&registry, &["--mode", mode]).finish();
        assert!(again.starts_with(&format!("created 0, replayed {}, ", world.entries)), "{again}");
    }
}

#[tokio::test]
async fn an_ndjson_import_whose_service_is_killed_leaves_what_a_clean_run_leaves() {
    let world = World::new();
    let clean = world.clean_run().await;
    let (database, port) = (world.database("killed-ndjson"), free_port());
    let mut registry = Registry::start(&database, port);
    let mut import = world.import_with(&registry, &["--mode", "ndjson", "--concurrency", "1"]);
    for done in world.thirds() {
        import.wait_until(done);
        drop(registry);
        registry = Registry::start(&database, port);
    }
    let report = import.finish();
    assert!(report.contains(" failed 0, not sent 0 "), "{report}");
    assert_same(&clean, &without_request_ids(registry.snapshot().await, &clean));
}

#[test]
fn the_modes_are_compared_on_collections_of_their_own() {
    let world = World::with_list("0001  One\n\t0001  a\n\t0002  b\n0002  Two\n\t0001  c\n");
    let registry = Registry::start(&world.database("compared"), free_port());
    for _ in 0..2 {
        let report = world.import_with(&registry, &["--compare"]).finish();
        for (line, mode) in report.lines().zip(["single", "batch", "ndjson"]) {
            assert!(line.trim_start().starts_with(&format!("{mode}: 3 rows in ")), "{report}");
            assert!(line.ends_with(" times single creates"), "{report}");
        }
        assert_eq!(report.lines().count(), 3, "{report}");
    }
}

#[test]
fn a_service_that_does_not_answer_ends_the_import() {
    let world = World::with_list("0001  One\n0002  Two\n");
    let mut command = Command::new(env!("CARGO_BIN_EXE_import-usb-ids"));
    let output = command
        .arg(&world.list)
        .args([
            "--url",
            &format!("http://127.0.0.1:{}/api/v1", free_port()),
            "--wait",
            "100ms",
            "--concurrency",
            "1",
        ])
        .output()
        .expect("the importer runs");
    assert!(!output.status.success());
    let (report, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(report.contains("failed 1, not sent 1 "), "{report}");
    assert!(errors.contains("Connection refused"), "{errors}");
}

/// A folder for databases, and the list to import.
struct World {
    folder: TempDir,
    list: PathBuf,
    entries: usize,
}

impl World {
    fn new() -> Self {
        if std::env::var_os("REST_STANDARD_LONG").is_none() {
            return Self::with_list(&small_list());
        }
        let list = LISTS.iter().map(PathBuf::from).find(|list| list.exists());
        let list = list.expect("the long run needs Debian's package `usb.ids`");
        let text = String::from_utf8_lossy(&std::fs::read(&list).expect("the list can be read")).into_owned();
        let is_entry = |line: &&str| {
            line.trim_start_matches('\t').get(..4).is_some_and(|id| u16::from_str_radix(id, 16).is_ok())
        };
        let entries = text.lines().take_while(|line| !line.starts_with("C ")).filter(is_entry).count();
        Self { folder: tempfile::tempdir().expect("a temporary folder can be made"), list, entries }
    }

    fn with_list(text: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let list = folder.path().join("list.ids");
        std::fs::write(&list, text).expect("a temporary file can be written");
        Self { folder, list, entries: text.lines().count() }
    }

    fn database(&self, name: &str) -> PathBuf {
        self.folder.path().join(format!("{name}.db"))
    }

    /// Three numbers of entries, one in each third of the import, drawn anew in each run of the test.
    fn thirds(&self) -> [usize; KILLS] {
        let third = self.entries / KILLS;
        std::array::from_fn(|at| {
            let drawn =
                usize::try_from(RandomState::new().hash_one(at) % third as u64).expect("less than a third");
            // The last lines of progress come too late to kill anything.
            (at * third + drawn).min(self.entries * 9 / 10)
        })
    }

    fn import(&self, registry: &Registry) -> Import {
        self.import_with(registry, &[])
    }

    fn import_with(&self, registry: &Registry, arguments: &[&str]) -> Import {
        let mut command = Command::new(env!("CARGO_BIN_EXE_import-usb-ids"));
        command.arg(&self.list).args(["--url", &registry.root]).args(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the importer starts");
        let lines = BufReader::new(child.stderr.take().expect("stderr is piped")).lines();
        Import { child, lines }
    }

    async fn clean_run(&self) -> Snapshot {
        let registry = Registry::start(&self.database("clean"), free_port());
        let report = self.import(&registry).finish();
        println!("a clean run: {report}");
        let expected =
            format!("created {}, replayed 0, already there 0, failed 0, not sent 0 ", self.entries);
        assert!(report.starts_with(&expected), "{report}");
        let snapshot = registry.snapshot().await;
        assert_eq!(snapshot.len(), self.entries);
        snapshot
    }
}

fn small_list() -> String {
    let mut list = String::new();
    for vendor in 1..=30 {
        let _ = writeln!(list, "{vendor:04x}  Vendor {vendor}");
        for product in 1..=20 {
            let _ = writeln!(list, "\t{product:04x}  Product {product} of {vendor}");
        }
    }
    list
}

/// A port that no outgoing connection is given, so that the service can have it again after it was killed.
fn free_port() -> u16 {
    loop {
        let drawn = RandomState::new().hash_one("port") % 10_000;
        let port = 20_000 + u16::try_from(drawn).expect("less than 10,000");
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// A running importer.
struct Import {
    child: Child,
    lines: Lines<BufReader<ChildStderr>>,
}

impl Import {
    /// Reads progress until this many entries have their answer.
    fn wait_until(&mut self, entries: usize) {
        for line in &mut self.lines {
            let line = line.expect("the importer writes text");
            let done = line.split(' ').next().and_then(|done| done.parse::<usize>().ok());
            if done.is_some_and(|done| done >= entries) {
                return;
            }
        }
        panic!("the import ended before {entries} entries were done");
    }

    /// Kills the program, without a chance to tidy up.
    fn kill(&mut self) {
        self.child.kill().expect("the importer runs");
        self.child.wait().expect("the importer ends");
    }

    /// Waits for the end; the exit code and the report.
    fn end(mut self) -> (Option<i32>, String) {
        let told: Vec<_> = self.lines.map_while(Result::ok).filter(|line| !line.contains(" of ")).collect();
        let stdout = self.child.stdout.take().expect("stdout is piped");
        let report = std::io::read_to_string(stdout).expect("the importer writes text");
        let status = self.child.wait().expect("the importer ends");
        print!("{}", told.iter().fold(String::new(), |text, line| text + line + "\n"));
        (status.code(), report.trim_end().to_owned())
    }

    fn finish(self) -> String {
        let (code, report) = self.end();
        assert_eq!(code, Some(0), "{report}");
        report
    }
}

/// Every resource with its changes, without what differs between two runs.
type Snapshot = BTreeMap<String, Json>;

/// A running service; killed, without a chance to tidy up, when it is dropped.
struct Registry {
    child: Child,
    root: String,
    client: Client<HttpConnector, Full<Bytes>>,
}

impl Registry {
    fn start(database: &Path, port: u16) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_device-registry"));
        command
            .args(["--listen", &format!("127.0.0.1:{port}"), "--no-sample-data", "--log", "warn"])
            .args(["--database", &format!("sqlite:{}", database.display())])
            .stdout(Stdio::piped());
        let mut child = command.spawn().expect("the service starts");
        let stdout = child.stdout.take().expect("stdout is piped");
        let first = BufReader::new(stdout).lines().next();
        assert!(first.is_some_and(|line| line.is_ok()), "the service did not start");
        let client = Client::builder(TokioExecutor::new()).build_http();
        Self { child, root: format!("http://127.0.0.1:{port}/api/v1"), client }
    }

    async fn send(&self, request: Request<Full<Bytes>>) -> Json {
        let about = format!("{} {}", request.method(), request.uri());
        let response = self.client.request(request).await.expect("the service answers");
        let status = response.status();
        let body = response.into_body().collect().await.expect("the answer is whole").to_bytes();
        assert!(status.is_success(), "{about}: {status} {}", String::from_utf8_lossy(&body));
        serde_json::from_slice(&body).expect("the answer is JSON")
    }

    async fn post(&self, path: &str, body: &Json) {
        let request =
            Request::post(format!("{}{path}", self.root)).header("content-type", "application/json");
        self.send(request.body(body.to_string().into()).expect("a right request")).await;
    }

    /// All pages of a list; their number is the counted one.
    async fn list(&self, url: String) -> Vec<Json> {
        let mut elements = Vec::new();
        let mut next = Some(format!("{url}?$limit=1000&$count=true"));
        let mut total = Json::Null;
        while let Some(url) = next {
            let mut page = self.send(Request::get(url).body(Full::default()).expect("a right request")).await;
            let data = &mut page["data"];
            next = data["meta"]["cursorNextLink"].as_str().map(str::to_owned);
            total = data["meta"]["totalCount"].take();
            if let Json::Array(values) = data["values"].take() {
                elements.extend(values);
            }
        }
        assert_eq!(total, elements.len(), "the count of {url}");
        elements
    }

    async fn snapshot(&self) -> Snapshot {
        let types = self.list(format!("{}/device-types", self.root)).await;
        let below = stream::iter(types).map(|device_type| self.device_type(device_type)).buffer_unordered(16);
        below.collect::<Vec<_>>().await.into_iter().flatten().collect()
    }

    /// A device type and its devices.
    async fn device_type(&self, device_type: Json) -> Vec<(String, Json)> {
        let url = device_type["url"].as_str().expect("a resource has a url").to_owned();
        let mut found = vec![self.with_changes(device_type).await];
        for device in self.list(format!("{url}/devices")).await {
            found.push(self.with_changes(device).await);
        }
        found
    }

    async fn with_changes(&self, mut resource: Json) -> (String, Json) {
        let url = resource["url"].take().as_str().expect("a resource has a url").to_owned();
        let changes: Vec<_> = self
            .list(format!("{url}/changes"))
            .await
            .into_iter()
            .map(|change| json!([change["id"], change["method"], change["requestId"], change["patch"]]))
            .collect();
        let members = resource.as_object_mut().expect("a resource is an object");
        for name in ["createdAt", "updatedAt", "etag", "links", "url"] {
            members.remove(name);
        }
        let path = url.strip_prefix(&self.root).unwrap_or(&url).to_owned();
        (path, json!({"resource": resource, "changes": changes}))
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The snapshot with the request ids of another, where both have the change: several entries have one request then.
fn without_request_ids(mut snapshot: Snapshot, other: &Snapshot) -> Snapshot {
    for (path, found) in &mut snapshot {
        let Some(other) = other.get(path) else { continue };
        for (at, change) in found["changes"].as_array_mut().into_iter().flatten().enumerate() {
            change[2] = other["changes"][at][2].clone();
        }
    }
    snapshot
}

fn assert_same(clean: &Snapshot, other: &Snapshot) {
    for (path, resource) in clean {
        assert_eq!(other.get(path), Some(resource), "{path}");
    }
    assert_eq!(clean.len(), other.len(), "resources that a clean run does not leave");
}
