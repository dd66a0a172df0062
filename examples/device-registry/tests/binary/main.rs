//! The service as an operator meets it: one binary, its flags, its output and its end.

mod database;
mod metrics;
#[cfg(feature = "otlp")]
mod traces;

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Output, Stdio},
    sync::mpsc,
    time::Duration,
};

use tempfile::TempDir;

const BINARY: &str = env!("CARGO_BIN_EXE_device-registry");

/// A running service in a folder of its own, with nothing but its binary.
struct Running {
    child: Child,
    address: String,
    before: Vec<String>,
    errors: mpsc::Receiver<String>,
}

impl Running {
    fn start(folder: &Path, arguments: &[&str]) -> Self {
        Self::start_with(folder, arguments, &[])
    }

    fn start_with(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut command = command(folder, variables);
        command.args(arguments).args(["--listen", "127.0.0.1:0"]);
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the service starts");
        let (send, errors) = mpsc::channel();
        let mut lines = Vec::new();
        for stream in [child.stdout.take().map(boxed), child.stderr.take().map(boxed)].into_iter().flatten() {
            let send = send.clone();
            lines.push(std::thread::spawn(move || {
                for line in BufReader::new(stream).lines().map_while(Result::ok) {
                    let _ = send.send(line);
                }
            }));
        }
        let listens = "listens on ";
        // The log may come before the words that say where the service listens.
        let mut before = Vec::new();
        let address = loop {
            let line =
                errors.recv_timeout(Duration::from_secs(20)).expect("the service says where it listens");
            if let Some(at) = line.find(listens) {
                break line[at + listens.len()..].trim().to_owned();
            }
            before.push(line);
        };
        Self { child, address, before, errors }
    }

    fn get(&self, path: &str, headers: &str) -> String {
        self.send("GET", path, headers, "")
    }

    fn send(&self, method: &str, path: &str, headers: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("the service listens");
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
        );
        stream.write_all(request.as_bytes()).expect("the service reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("the service answers");
        answer
    }

    /// Everything that is printed until the service has ended on SIGTERM, and its exit code.
    fn end(mut self) -> (Option<i32>, String) {
        let kill = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(kill.expect("`kill` is there").success());
        let code = self.child.wait().expect("the service ends").code();
        let before = std::mem::take(&mut self.before);
        (code, before.into_iter().chain(self.errors.iter()).collect::<Vec<_>>().join("\n"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

fn boxed(stream: impl std::io::Read + Send + 'static) -> Box<dyn std::io::Read + Send> {
    Box::new(stream)
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder can be made")
}

/// The program in a folder, with no variables but these.
fn command(folder: &Path, variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(BINARY);
    command.current_dir(folder).env_clear().envs(variables.iter().copied());
    command
}

/// Runs the program to its end.
fn run(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    command(folder, variables).args(arguments).output().expect("the service runs")
}

/// Runs the service to its end, which a refusal to start is.
fn refused(folder: &Path, arguments: &[&str]) -> Output {
    run(folder, arguments, &[])
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn r195_the_service_is_one_binary_that_needs_nothing_beside_it() {
    let folder = folder();
    let service = Running::start(folder.path(), &[]);
    let answer = service.get("/api/v1/device-types/house-alarm", "");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(folder.path().join("device-registry.db").exists());
    let (code, _) = service.end();
    assert_eq!(code, Some(0), "SIGTERM ends it in order");
}

#[test]
fn what_was_written_is_there_after_a_restart() {
    let folder = folder();
    let service = Running::start(folder.path(), &[]);
    let before = service.get("/api/v1/device-types/house-alarm?$format=json", "Request-ID: same\r\n");
    assert_eq!(service.end().0, Some(0));
    let service = Running::start(folder.path(), &[]);
    let after = service.get("/api/v1/device-types/house-alarm?$format=json", "Request-ID: same\r\n");
    let etag = |answer: &str| answer.lines().find(|line| line.starts_with("etag: ")).map(str::to_owned);
    assert!(etag(&before).is_some());
    assert_eq!(etag(&before), etag(&after));
}

#[test]
fn an_import_that_kill_9_cut_in_two_goes_on_where_it_was() {
    const LINES: usize = 3_000;
    let folder = folder();
    let database = ["--database", "sqlite:killed.db"];
    let mut service = Running::start(folder.path(), &database);
    let lines: String = (0..LINES)
        .map(|at| format!("{{\"displayName\":\"K\",\"owner\":\"ada\",\"serialNumber\":\"K-{at:05}\"}}\n"))
        .collect();
    let headers = "Content-Type: application/x-ndjson\r\nRequest-ID: killed\r\n";
    let devices = "/api/v1/device-types/house-alarm/devices";
    let mut stream = TcpStream::connect(&service.address).expect("the service listens");
    let head = format!(
        "POST {devices}:import HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n{headers}\r\n",
        lines.len()
    );
    stream.write_all(head.as_bytes()).expect("the service reads");
    // More lines come as long as nothing is committed; then the service is killed, whatever it is doing.
    let imported = |service: &Running| {
        let export = service.get(&format!("{devices}:export?owner=ada"), "");
        export.lines().filter(|line| line.contains("\"K-")).count()
    };
    for piece in lines.as_bytes()[..lines.len() * 2 / 3].chunks(20_000) {
        stream.write_all(piece).expect("the service reads");
        if imported(&service) > 0 {
            break;
        }
    }
    while imported(&service) == 0 {
        std::thread::yield_now();
    }
    service.child.kill().expect("the service runs");
    service.child.wait().expect("the service ends");

    let service = Running::start(folder.path(), &database);
    let before = imported(&service);
    assert!(before > 0 && before < LINES && before.is_multiple_of(500), "whole chunks: {before}");
    let answer = service.send("POST", &format!("{devices}:import"), headers, &lines);
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.contains("\"values\":{\"created\":3000}"),
        "{answer}"
    );
    assert!(!answer.contains("idempotency-replayed"), "{answer}");
    let export = service
        .get(&format!("{devices}:export.csv?owner=ada&$select=serialNumber&$orderBy=serialNumber"), "");
    let found: Vec<&str> =
        export.lines().filter_map(|line| line.split(',').find(|cell| cell.starts_with("K-"))).collect();
    let expected: Vec<String> = (0..LINES).map(|at| format!("K-{at:05}")).collect();
    assert_eq!(found, expected, "every line exactly once");
    let again = service.send("POST", &format!("{devices}:import"), headers, &lines);
    assert!(again.contains("idempotency-replayed: true") && again.contains("{\"created\":3000}"), "{again}");
}

#[test]
fn r081_log_lines_carry_the_request_id_and_the_trace_id() {
    let folder = folder();
    let service = Running::start(folder.path(), &["--log", "debug", "--database", "memory"]);
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let requests = [
        ("GET", "/api/v1/device-types", "", "200"),
        ("POST", "/api/v1/device-types", r#"{"id": "siren", "displayName": "Siren"}"#, "201"),
        ("PATCH", "/api/v1/device-types/siren", r#"{"displayName": 5}"#, "422"),
        ("GET", "/api/v1/nothing", "", "404"),
        ("DELETE", "/api/v1/device-types/siren", "", "200"),
    ];
    let mut ids = Vec::new();
    for (at, (method, path, body, status)) in requests.into_iter().enumerate() {
        let headers = format!("Request-ID: logged-{at}\r\ntraceparent: 00-{trace}-00f067aa0ba902b7-01\r\n");
        let answer = service.send(method, path, &headers, body);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
        let server_id = answer.lines().find_map(|line| line.strip_prefix("server-request-id: "));
        ids.push((format!("\"logged-{at}\""), server_id.expect("the header").to_owned()));
    }
    let (_, log) = service.end();
    // The process has lines of its own at `info`; all others are a request's.
    let lines: Vec<_> = log
        .lines()
        .filter(|line| ["DEBUG", "WARN", "ERROR"].iter().any(|level| line.contains(level)))
        .collect();
    for line in &lines {
        let own = ids.iter().any(|(id, server_id)| line.contains(id) && line.contains(server_id));
        assert!(own && line.contains(trace), "{line}");
    }
    for (id, _) in &ids {
        assert!(lines.iter().any(|line| line.contains(id)), "{id}\n{log}");
    }
}

#[test]
fn a_second_process_on_one_database_is_refused() {
    let folder = folder();
    let _first = Running::start(folder.path(), &[]);
    let second = refused(folder.path(), &["--listen", "127.0.0.1:0"]);
    assert_eq!(second.status.code(), Some(1));
    assert!(text(&second).contains("another process"), "{}", text(&second));
}

#[test]
fn a_port_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("an address").to_string();
    let folder = folder();
    let output = refused(folder.path(), &["--listen", &address, "--database", "memory"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output).contains(&address), "{}", text(&output));
}

#[test]
fn an_address_beyond_loopback_is_refused_with_the_reason() {
    let folder = folder();
    let output = refused(folder.path(), &["--listen", "0.0.0.0:0", "--database", "memory"]);
    assert_ne!(output.status.code(), Some(0));
    assert!(text(&output).contains("--allow-anonymous"), "{}", text(&output));
}

#[test]
fn origins_are_allowed_by_flag_and_variable() {
    let folder = folder();
    let memory = ["--database", "memory"];
    let by_flag = ["--database", "memory", "--allow-origin", "https://a.example,https://b.example:8443"];
    let by_variable = [("DEVICE_REGISTRY_ALLOW_ORIGIN", "https://a.example,https://b.example:8443")];
    for (arguments, variables) in [(&by_flag[..], &[][..]), (&memory, &by_variable)] {
        let service = Running::start_with(folder.path(), arguments, variables);
        for (origin, is_open) in
            [("https://a.example", true), ("https://b.example:8443", true), ("https://c.example", false)]
        {
            let answer = service.get("/api/v1", &format!("Origin: {origin}\r\n"));
            assert_eq!(
                answer.contains(&format!("access-control-allow-origin: {origin}")),
                is_open,
                "{answer}"
            );
        }
    }
    let output = refused(folder.path(), &["--allow-origin", "*"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output).contains("name each origin"), "{}", text(&output));
}

#[test]
fn a_wrong_flag_or_database_is_refused_in_words() {
    let folder = folder();
    let output = refused(folder.path(), &["--lisen", "127.0.0.1:0"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output).contains("--listen"), "{}", text(&output));
    std::fs::write(
        folder.path().join("text.db"),
        "this is not a database, only text, and quite a lot of it".repeat(100),
    )
    .expect("a file can be written");
    let output = refused(folder.path(), &["--database", "sqlite:text.db"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output).contains("text.db"), "{}", text(&output));
}

#[test]
fn the_environment_stands_in_for_flags() {
    for command in [&[][..], &["serve"]] {
        let folder = folder();
        let variables = [("DEVICE_REGISTRY_DATABASE", "sqlite:by-variable.db")];
        let service = Running::start_with(folder.path(), command, &variables);
        assert!(folder.path().join("by-variable.db").exists());
        assert!(!folder.path().join("device-registry.db").exists());
        assert_eq!(service.end().0, Some(0));
    }
}

#[test]
fn a_flag_wins_over_its_variable() {
    let folder = folder();
    let variables = [("DEVICE_REGISTRY_DATABASE", "sqlite:by-variable.db")];
    let _service = Running::start_with(folder.path(), &["--database", "memory"], &variables);
    assert!(!folder.path().join("by-variable.db").exists());
}

#[test]
fn variables_of_serve_do_not_concern_other_commands() {
    let folder = folder();
    let variables = [("DEVICE_REGISTRY_LISTEN", "bad"), ("DEVICE_REGISTRY_NO_SAMPLE_DATA", "perhaps")];
    for (command, code) in [("routes", 0), ("check", 0), ("serve", 2)] {
        let output = run(folder.path(), &[command], &variables);
        assert_eq!(output.status.code(), Some(code), "{}", text(&output));
    }
    let variables = [("DEVICE_REGISTRY_BASE_PATH", "/things")];
    let output = run(folder.path(), &["routes"], &variables);
    assert!(text(&output).contains(" /things/v1/device-types/{"), "{}", text(&output));
}

#[test]
fn a_wrong_value_says_which_variable_it_comes_from() {
    let folder = folder();
    let variables = [("DEVICE_REGISTRY_LISTEN", ""), ("DEVICE_REGISTRY_ALLOW_ANONYMOUS", "true")];
    for command in [&[][..], &["serve"]] {
        let output = run(folder.path(), command, &variables);
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output).contains("from the variable DEVICE_REGISTRY_LISTEN"), "{}", text(&output));
    }
    let output = run(folder.path(), &["--listen=x"], &variables);
    assert!(!text(&output).contains("variable"), "{}", text(&output));
}

#[test]
fn a_database_that_cannot_be_used_is_named_with_the_cause() {
    let folder = folder();
    let output = refused(folder.path(), &["--listen", "127.0.0.1:0", "--database", "sqlite:/dev/null"]);
    assert_eq!(output.status.code(), Some(1));
    let text = text(&output);
    assert!(text.contains("/dev/null") && text.contains("disk I/O error"), "{text}");
}

#[test]
fn a_secret_in_the_name_of_a_database_is_not_printed() {
    let folder = folder();
    let database = "mysql://registry:swordfish@database.example/registry?password=swordfish";
    let by_variable = run(folder.path(), &[], &[("DEVICE_REGISTRY_DATABASE", database)]);
    for output in [by_variable, refused(folder.path(), &["serve", "--database", database])] {
        let text = text(&output);
        assert_eq!(output.status.code(), Some(2));
        assert!(!text.contains("swordfish"), "{text}");
        assert!(
            text.contains("'mysql:[redacted]' for '--database <DATABASE>': expected `sqlite:PATH`"),
            "{text}"
        );
    }
    let output = refused(folder.path(), &["--database", "sqlite://registry.db"]);
    assert!(text(&output).contains("'sqlite://registry.db'"), "{}", text(&output));
}

#[test]
fn the_routes_of_the_registry_are_narrow_and_name_their_parameters() {
    let output = run(&std::env::temp_dir(), &["routes", "--parameters"], &[]);
    let text = text(&output);
    assert!(text.lines().all(|line| line.len() <= 120), "{text}");
    let (_, devices) = text.split_once("/devices  ").expect("the devices have an address");
    let (devices, _) = devices.split_once("/devices/{uuid}").expect("a device has an address");
    assert!(
        devices.contains(" owner=text volume=integer ") && devices.contains("$limit $offset"),
        "{devices}"
    );
    let plain = run(&std::env::temp_dir(), &["routes"], &[]);
    assert!(!String::from_utf8_lossy(&plain.stdout).contains('$'));
}

#[test]
fn nothing_but_the_filter_by_tags_could_be_better_about_the_registry() {
    let output = run(&std::env::temp_dir(), &["check", "--deny", "all", "--allow", "scanned-filter"], &[]);
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]), "{}", text(&output));
    assert!(text(&output).starts_with("device-registry: the declarations are right: 4 collections"));
}

#[test]
fn r163_an_apex_as_the_public_host_is_a_warning() {
    let apex = ["--public-url", "https://example.co.uk"];
    let check = |arguments: &[&str]| {
        let output = run(&std::env::temp_dir(), &[&["check"][..], &apex, arguments].concat(), &[]);
        (output.status.code(), text(&output))
    };
    let (code, text) = check(&[]);
    assert_eq!(code, Some(0), "{text}");
    assert!(
        text.contains("warning[RL012] https://example.co.uk: ") && text.contains("https://api.example.co.uk"),
        "{text}"
    );
    for denied in ["apex-host", "RL012", "rl012,unbounded-text", "ALL"] {
        let (code, text) = check(&["--deny", denied, "--allow", "scanned-filter"]);
        assert_eq!(code, Some(1), "{text}");
        assert!(text.contains("error[RL012] ") && text.contains("1 finding is denied"), "{text}");
        assert!(!text.contains("the declarations are right"), "{text}");
    }
    let (code, text) = check(&["--deny", "all", "--allow", "apex-host,scanned-filter"]);
    assert!(code == Some(0) && !text.contains("RL012"), "{text}");
    let below = run(
        &std::env::temp_dir(),
        &["check", "--deny", "all", "--allow", "scanned-filter", "--public-url", "https://api.example.co.uk"],
        &[],
    );
    assert_eq!(below.status.code(), Some(0));
    let folder = folder();
    let service =
        Running::start(folder.path(), &["--database", "memory", "--public-url", "https://example.co.uk"]);
    let (_, log) = service.end();
    assert!(
        log.contains("WARN") && log.contains("https://api.example.co.uk") && log.contains("RL012"),
        "{log}"
    );
}

#[test]
fn an_unknown_lint_is_refused_with_the_nearest_one() {
    let output = run(&std::env::temp_dir(), &["check", "--deny", "unbounded-txt"], &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output).contains("a similar value exists: 'unbounded-text'"), "{}", text(&output));
}

#[test]
fn a_report_that_cannot_be_written_is_no_success() {
    for report in ["routes", "check"] {
        let full = std::fs::File::options().write(true).open("/dev/full").expect("the device is there");
        let status = command(&std::env::temp_dir(), &[]).arg(report).stdout(full).status();
        assert_eq!(status.expect("the program runs").code(), Some(1), "{report}");
    }
}

#[test]
fn the_version_is_that_of_the_framework() {
    let output = refused(&std::env::temp_dir(), &["--version"]);
    assert_eq!(output.status.code(), Some(0));
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(text(&output), format!("device-registry on rest-standard {version}\n"));
}

#[test]
fn the_help_lists_what_there_is() {
    let output = refused(&std::env::temp_dir(), &["--help"]);
    let text = text(&output);
    for there in ["DEVICE_REGISTRY_LISTEN", "serve", "openapi", "routes", "check"] {
        assert!(text.contains(there), "{text}");
    }
}

#[test]
fn the_book_shows_the_routes_as_they_are() {
    let book = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../book/src/wire/names-and-urls.md");
    let book = std::fs::read_to_string(book).expect("the book is there");
    let printed =
        String::from_utf8(refused(&std::env::temp_dir(), &["routes"]).stdout).expect("routes are text");
    assert!(book.contains(&printed), "the book shows other routes than these:\n{printed}");
}

#[test]
fn the_document_is_printed_in_both_forms() {
    let folder = folder();
    let printed = |arguments: &[&str]| {
        let output = refused(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output));
        String::from_utf8(output.stdout).expect("the document is text")
    };
    let newer = printed(&["openapi"]);
    assert!(newer.starts_with("{\n  \"openapi\": \"3.1.1\",\n"), "{}", &newer[..80]);
    assert!(newer.contains("\"url\": \"http://localhost:8080/api/v1\""));
    let older =
        printed(&["openapi", "--spec", "3.0", "--public-url", "https://api.example.com", "--base-path", "/"]);
    assert!(older.starts_with("{\n  \"openapi\": \"3.0.3\",\n"), "{}", &older[..80]);
    assert!(older.contains("\"url\": \"https://api.example.com/v1\""));
    let output = refused(folder.path(), &["openapi", "--spec", "2.0"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output).contains("[possible values: 3.1, 3.0]"), "{}", text(&output));
}

#[test]
fn differences_from_an_earlier_document_are_told_in_words() {
    let folder = folder();
    let diff = |old: &str| {
        std::fs::write(folder.path().join("old.json"), old).expect("the file can be written");
        let output = refused(folder.path(), &["openapi", "--diff", "old.json"]);
        (output.status.code(), text(&output))
    };
    let document =
        String::from_utf8(refused(folder.path(), &["openapi"]).stdout).expect("the document is text");
    assert_eq!(diff(&document), (Some(0), "the documents say the same\n".to_owned()));
    let (code, told) = diff(&document.replace("ringDeviceState", "alarmDeviceState"));
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("breaks") && told.contains("alarmDeviceState") && told.contains("break"), "{told}");
    let (code, told) = diff(&document.replacen("\"maximum\": 10", "\"maximum\": 9", 20));
    assert_eq!(code, Some(0), "a wider bound breaks nobody: {told}");
    assert!(told.starts_with("new "), "{told}");
    for (old, reason) in [
        ("{", "is no JSON"),
        ("{}", "it has no member `openapi`"),
        (r#"{"openapi": "3.0.3"}"#, "compare with one of 3.1"),
    ] {
        let (code, told) = diff(old);
        assert!(code == Some(1) && told.contains(reason), "{told}");
    }
    let output = refused(folder.path(), &["openapi", "--diff", "absent.json"]);
    assert!(text(&output).contains("cannot read `absent.json`"), "{}", text(&output));
}
