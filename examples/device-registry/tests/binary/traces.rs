//! Traces, as a collector of OpenTelemetry gets them.

use std::{
    io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{KeyValue, any_value::Value},
    trace::v1::Span,
};
use prost::Message as _;

use super::{Running, folder, refused, run, text};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";
/// Kinds of spans as the protocol numbers them.
const SERVER: i32 = 2;
const CLIENT: i32 = 3;
/// A status of a span.
const FAILED: i32 = 2;

/// A collector that keeps what it is sent.
struct Collector {
    url: String,
    taken: Arc<Mutex<Vec<ExportTraceServiceRequest>>>,
}

impl Collector {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let url = format!("http://{}", listener.local_addr().expect("it has an address"));
        let taken: Arc<Mutex<Vec<_>>> = Arc::default();
        let keep = taken.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let keep = keep.clone();
                std::thread::spawn(move || while take(&stream, &keep).is_some() {});
            }
        });
        Self { url, taken }
    }

    /// All spans so far, each with the name of its service.
    fn spans(&self) -> Vec<(String, Span)> {
        let taken = self.taken.lock().expect("no panic");
        let of_resource = taken.iter().flat_map(|request| &request.resource_spans).flat_map(|of_resource| {
            let resource = of_resource.resource.as_ref().expect("a resource");
            let service = attribute(&resource.attributes, "service.name").expect("a name");
            let spans = of_resource.scope_spans.iter().flat_map(|scope| scope.spans.iter().cloned());
            spans.map(move |span| (service.clone(), span))
        });
        of_resource.collect()
    }
}

/// Takes one request from a connection.
fn take(mut stream: &TcpStream, keep: &Mutex<Vec<ExportTraceServiceRequest>>) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|length| *length > 0)?;
    assert_eq!(line.trim_end(), "POST /v1/traces HTTP/1.1");
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let header = header.trim_end().to_ascii_lowercase();
        match header.split_once(": ") {
            Some(("content-length", value)) => length = value.parse().expect("a number"),
            Some(("content-type", value)) => assert_eq!(value, "application/x-protobuf"),
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    keep.lock().expect("no panic").push(ExportTraceServiceRequest::decode(&*body).expect("protobuf"));
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").ok()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn attribute(attributes: &[KeyValue], key: &str) -> Option<String> {
    let found = attributes.iter().find(|attribute| attribute.key == key)?;
    match found.value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) => Some(text.clone()),
        Value::IntValue(number) => Some(number.to_string()),
        other => panic!("{key} is {other:?}"),
    }
}

fn attribute_of(span: &Span, key: &str) -> Option<String> {
    attribute(&span.attributes, key)
}

fn traced(id: usize) -> String {
    format!("Request-ID: traced-{id}\r\ntraceparent: 00-{TRACE}-{PARENT}-01\r\n")
}

#[test]
fn a_request_is_a_span_and_so_is_each_call_of_the_store() {
    let (folder, collector) = (folder(), Collector::start());
    let arguments = ["--database", "sqlite:registry.db", "--otlp-endpoint", &collector.url];
    let service = Running::start(folder.path(), &arguments);
    let requests = [
        ("GET", "/api/v1/device-types/house-alarm", "", "200"),
        ("POST", "/api/v1/device-types", r#"{"id": "siren", "displayName": "Siren"}"#, "201"),
        ("POST", "/api/v1/device-types", r#"{"id": "siren", "displayName": "Siren"}"#, "409"),
        ("GET", "/api/v1/nothing", "", "404"),
    ];
    for (at, (method, path, body, status)) in requests.into_iter().enumerate() {
        let answer = service.send(method, path, &traced(at), body);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
    }
    // The last spans are sent when the service ends, long before the next batch would be.
    let (code, log) = service.end();
    assert_eq!(code, Some(0), "{log}");
    let spans = collector.spans();
    assert!(spans.iter().all(|(service, _)| service == "device-registry"), "{spans:?}");
    let spans: Vec<Span> = spans.into_iter().map(|(_, span)| span).collect();
    assert!(spans.iter().all(|span| hex(&span.trace_id) == TRACE), "{spans:#?}");

    let servers: Vec<&Span> = spans.iter().filter(|span| span.kind == SERVER).collect();
    let names: Vec<&str> = servers.iter().map(|span| &*span.name).collect();
    assert_eq!(
        names,
        [
            "GET /api/v1/device-types/{deviceTypeId}",
            "POST /api/v1/device-types",
            "POST /api/v1/device-types",
            "GET"
        ]
    );
    for (at, (span, (method, path, _, status))) in servers.iter().zip(requests).enumerate() {
        assert_eq!(hex(&span.parent_span_id), PARENT);
        assert_eq!(attribute_of(span, "http.request.method").as_deref(), Some(method));
        assert_eq!(attribute_of(span, "url.path").as_deref(), Some(path));
        assert_eq!(attribute_of(span, "http.response.status_code").as_deref(), Some(status));
        assert_eq!(attribute_of(span, "request_id"), Some(format!("traced-{at}")));
        assert_eq!(span.status.as_ref().map_or(0, |status| status.code), 0, "no failure of the service's");
    }
    assert_eq!(attribute_of(servers[1], "http.route").as_deref(), Some("/api/v1/device-types"));
    assert_eq!(attribute_of(servers[3], "http.route"), None);

    let below = |server: &Span| -> Vec<&Span> {
        spans.iter().filter(|span| span.parent_span_id == server.span_id).collect()
    };
    let read = below(servers[0]);
    let commit = below(servers[1]);
    assert!(read.iter().any(|span| span.name == "read device-types" && span.kind == CLIENT), "{read:#?}");
    let commit = commit.iter().find(|span| span.name == "commit device-types").expect("a commit");
    for (key, value) in [
        ("db.system.name", "sqlite"),
        ("db.operation.name", "commit"),
        ("db.collection.name", "device-types"),
    ] {
        assert_eq!(attribute_of(commit, key).as_deref(), Some(value));
    }
    assert!(commit.start_time_unix_nano <= commit.end_time_unix_nano);
    assert!(servers[1].start_time_unix_nano <= commit.start_time_unix_nano);
    assert!(commit.end_time_unix_nano <= servers[1].end_time_unix_nano);
}

#[test]
fn a_failure_is_one_in_the_trace_too() {
    let (folder, collector) = (folder(), Collector::start());
    let arguments = ["--database", "sqlite:registry.db", "--otlp-endpoint", &collector.url];
    // All is in the file itself once the service has ended, and then it is in the file no more.
    let _ = Running::start(folder.path(), &arguments).end();
    let service = Running::start(folder.path(), &arguments);
    let mut file =
        std::fs::File::options().write(true).open(folder.path().join("registry.db")).expect("a file");
    let length = file.metadata().expect("it has a length").len();
    file.seek(SeekFrom::Start(4096)).expect("it is longer");
    file.write_all(&vec![0; usize::try_from(length).expect("it is small") - 4096]).expect("it is writable");
    let answer = service.get("/api/v1/device-types?$orderBy=displayName", &traced(0));
    assert!(answer.starts_with("HTTP/1.1 500"), "{answer}");
    let _ = service.end();
    let spans: Vec<Span> = collector.spans().into_iter().map(|(_, span)| span).collect();
    let failed = |kind| {
        let of_kind = spans.iter().filter(move |span| span.kind == kind);
        of_kind
            .filter(|span| span.status.as_ref().is_some_and(|status| status.code == FAILED))
            .collect::<Vec<_>>()
    };
    let server = failed(SERVER)[0];
    assert_eq!(attribute_of(server, "http.response.status_code").as_deref(), Some("500"));
    assert_eq!(attribute_of(server, "error.type").as_deref(), Some("500"));
    // The line that the log has, with the cause that no client is told.
    assert!(!server.events.is_empty());
    let call = failed(CLIENT)[0];
    assert_eq!((&*call.name, &call.parent_span_id), ("scan device-types", &server.span_id));
    assert_eq!(attribute_of(call, "error.type").as_deref(), Some("Internal"));
}

#[test]
fn a_request_without_a_parent_begins_a_trace_that_its_log_lines_name() {
    let (folder, collector) = (folder(), Collector::start());
    // The variables of OpenTelemetry say the same as the flag, and call the service otherwise.
    let url = format!("{}/", collector.url);
    let variables = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &*url),
        ("OTEL_SERVICE_NAME", "registry-of-devices"),
        ("OTEL_BSP_SCHEDULE_DELAY", "100"),
    ];
    let arguments = ["--database", "memory", "--log", "info,rest_standard::access=debug"];
    let service = Running::start_with(folder.path(), &arguments, &variables);
    let _ = service.get("/api/v1/device-types", "Request-ID: alone\r\n");
    let _ = service.get("/api/v1/device-types", "traceparent: 00-nonsense-01\r\n");
    let deadline = Instant::now() + Duration::from_secs(10);
    while collector.spans().iter().filter(|(_, span)| span.kind == SERVER).count() < 2 {
        assert!(Instant::now() < deadline, "no spans while the service runs");
        std::thread::sleep(Duration::from_millis(20));
    }
    let (_, log) = service.end();
    let spans = collector.spans();
    assert!(spans.iter().all(|(service, _)| service == "registry-of-devices"));
    let servers: Vec<&Span> = spans.iter().map(|(_, span)| span).filter(|span| span.kind == SERVER).collect();
    assert!(servers.iter().all(|span| span.parent_span_id.is_empty()));
    assert_ne!(servers[0].trace_id, servers[1].trace_id);
    let line = log.lines().find(|line| line.contains("alone") && line.contains("answered")).expect("a line");
    assert!(line.contains(&hex(&servers[0].trace_id)), "{line}");
}

#[test]
fn what_the_sampler_leaves_out_is_not_sent() {
    let (folder, collector) = (folder(), Collector::start());
    let arguments = ["--database", "memory", "--otlp-endpoint", &collector.url];
    // Whoever called decided already that this request is none to keep.
    let service = Running::start(folder.path(), &arguments);
    let answer = service.get("/api/v1/device-types", &format!("traceparent: 00-{TRACE}-{PARENT}-00\r\n"));
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let _ = service.end();
    assert_eq!(collector.spans(), []);
    let variables = [("OTEL_TRACES_SAMPLER", "traceidratio"), ("OTEL_TRACES_SAMPLER_ARG", "0")];
    let service = Running::start_with(folder.path(), &arguments, &variables);
    let _ = service.get("/api/v1/device-types", &traced(0));
    let _ = service.end();
    assert_eq!(collector.spans(), []);
}

#[test]
fn a_collector_that_is_not_there_costs_one_line_and_no_answer() {
    let folder = folder();
    // The port of the other protocol is the mistake that is made most.
    let arguments = ["--database", "memory", "--otlp-endpoint", "http://127.0.0.1:4317"];
    let service = Running::start_with(folder.path(), &arguments, &[("OTEL_BSP_SCHEDULE_DELAY", "20")]);
    for _ in 0..10 {
        assert!(service.get("/api/v1/device-types", "").starts_with("HTTP/1.1 200"));
        std::thread::sleep(Duration::from_millis(30));
    }
    let (code, log) = service.end();
    assert_eq!(code, Some(0), "{log}");
    let lines: Vec<_> = log.lines().filter(|line| line.contains("traces are lost")).collect();
    assert_eq!(lines.len(), 1, "{log}");
    assert!(lines[0].contains("http://127.0.0.1:4317/v1/traces"), "{log}");
    assert!(lines[0].contains("usually to port 4318"), "{log}");
}

#[test]
fn a_wrong_endpoint_or_sampler_is_refused_in_words() {
    let folder = folder();
    for (endpoint, says) in [
        ("localhost:4318", "must begin with `http://` or `https://`"),
        ("grpc://localhost:4317", "must begin with `http://` or `https://`"),
        ("http://localhost:4318?key=1", "has no query"),
        ("http://me:secret@localhost:4318", "has no user and no password"),
        ("", "is not a URL"),
    ] {
        let output = refused(folder.path(), &["--database", "memory", "--otlp-endpoint", endpoint]);
        assert_eq!(output.status.code(), Some(2), "{endpoint}");
        assert!(text(&output).contains(says), "{}", text(&output));
        assert!(!text(&output).contains("secret"), "{}", text(&output));
    }
    let arguments = ["--database", "memory", "--listen", "127.0.0.1:0"];
    let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318");
    for (variables, says) in [
        (
            vec![("OTEL_EXPORTER_OTLP_ENDPOINT", "nowhere")],
            "OTEL_EXPORTER_OTLP_ENDPOINT is `nowhere`: it must begin",
        ),
        (
            vec![("OTEL_EXPORTER_OTLP_ENDPOINT", "https://me:secret@collector:4318")],
            "OTEL_EXPORTER_OTLP_ENDPOINT is `[redacted]@collector:4318`: a collector's URL has no user and no password",
        ),
        (
            vec![endpoint, ("OTEL_TRACES_SAMPLER", "sometimes")],
            "OTEL_TRACES_SAMPLER is `sometimes`; it must be one of",
        ),
        (
            vec![endpoint, ("OTEL_TRACES_SAMPLER", "traceidratio"), ("OTEL_TRACES_SAMPLER_ARG", "7")],
            "OTEL_TRACES_SAMPLER_ARG is `7`; it must be a number from 0 to 1",
        ),
        (
            vec![endpoint, ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")],
            "OTEL_EXPORTER_OTLP_PROTOCOL is `grpc`; traces are sent as `http/protobuf` only",
        ),
    ] {
        let output = run(folder.path(), &arguments, &variables);
        assert_eq!(output.status.code(), Some(1), "{variables:?}");
        assert!(text(&output).contains(says), "{}", text(&output));
        assert!(!text(&output).contains("secret"), "{}", text(&output));
    }
}

#[test]
fn what_the_environment_says_of_something_else_changes_nothing() {
    let (folder, collector) = (folder(), Collector::start());
    let variables = [
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/protobuf"),
        ("OTEL_RESOURCE_ATTRIBUTES", "service.namespace=alarms"),
        ("OTEL_SERVICE_NAME", ""),
    ];
    let arguments = ["--database", "memory", "--otlp-endpoint", &collector.url];
    let service = Running::start_with(folder.path(), &arguments, &variables);
    let _ = service.get("/api/v1/device-types", &traced(0));
    let _ = service.end();
    let spans = collector.spans();
    assert!(!spans.is_empty() && spans.iter().all(|(name, _)| name == "device-registry"), "{spans:?}");
}

/// A container of one file has no certificates.
#[test]
fn a_collector_without_tls_needs_no_certificates_and_one_with_tls_says_so() {
    let (folder, collector) = (folder(), Collector::start());
    let nowhere = folder.path().join("none.pem");
    let variables = [
        ("SSL_CERT_FILE", nowhere.to_str().expect("a path")),
        ("SSL_CERT_DIR", folder.path().to_str().expect("a path")),
    ];
    let arguments = ["--database", "memory", "--otlp-endpoint", &collector.url];
    let service = Running::start_with(folder.path(), &arguments, &variables);
    let _ = service.get("/api/v1/device-types", &traced(0));
    let _ = service.end();
    assert!(!collector.spans().is_empty());
    let arguments = ["--database", "memory", "--otlp-endpoint", "https://127.0.0.1:4318"];
    let output = run(folder.path(), &arguments, &variables);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    assert!(text(&output).contains("cannot send traces"), "{}", text(&output));
}
