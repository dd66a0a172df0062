//! What those who run the service ask it, on the listener that is theirs.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    path::Path,
};

use super::{Running, folder, refused, text};

/// Asks the admin listener, whose address the start printed.
fn ask(address: &str, method: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("the admin listener is there");
    let request = format!("{method} {path} HTTP/1.1\r\nHost: admin\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    answer
}

fn admin_address(service: &Running) -> String {
    let line = (0..20)
        .map_while(|_| service.errors.recv_timeout(std::time::Duration::from_secs(10)).ok())
        .find_map(|line| line.trim().strip_prefix("metrics   http://").map(str::to_owned));
    line.expect("the start says where the metrics are").trim_end_matches("/metrics").to_owned()
}

#[test]
fn requests_are_counted_by_their_route_and_the_store_says_what_it_does() {
    let folder = folder();
    let service =
        Running::start(folder.path(), &["--admin-listen", "127.0.0.1:0", "--database", "sqlite:registry.db"]);
    let admin = admin_address(&service);
    let _ = service.get("/api/v1/device-types/house-alarm", "");
    let _ = service.get("/api/v1/device-types/house-alarm/devices", "");
    let _ = service.get("/api/v1/device-types/-/devices:export", "");
    let _ = service.get("/api/v1/nowhere/at-all", "");
    let large = "x".repeat(2 << 20);
    let _ = service.send("POST", "/api/v1/sites", "", &large);
    let _ = service.send("BREW", "/api/v1/device-types", "", "");
    let made = r#"{"id": "siren", "displayName": "Siren"}"#;
    for _ in 0..2 {
        let answer = service.send("POST", "/api/v1/device-types", "Request-ID: once\r\n", made);
        assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    }
    let metrics = ask(&admin, "GET", "/metrics");
    assert!(
        metrics.starts_with("HTTP/1.1 200")
            && metrics.contains("application/openmetrics-text; version=1.0.0"),
        "{metrics}"
    );
    assert!(metrics.trim_end().ends_with("# EOF"), "{metrics}");
    let count = |method: &str, route: &str, status: u16| {
        let labels = format!(
            "http_server_request_duration_seconds_count{{http_request_method=\"{method}\",http_route=\"{route}\",http_response_status_code=\"{status}\"}} "
        );
        let line = metrics.lines().find_map(|line| line.strip_prefix(&labels));
        line.unwrap_or_else(|| panic!("{labels}\n{metrics}")).to_owned()
    };
    assert_eq!(count("GET", "/api/v1/device-types/{deviceTypeId}", 200), "1");
    assert_eq!(count("GET", "/api/v1/device-types/{deviceTypeId}/devices", 200), "1");
    assert_eq!(count("GET", "/api/v1/device-types/-/devices:export", 200), "1");
    assert_eq!(count("POST", "/api/v1/device-types", 201), "2");
    // Also what is refused before anybody looks at it.
    assert_eq!(count("POST", "/api/v1/sites", 413), "1");
    // What clients can invent makes no series of its own.
    assert_eq!(count("GET", "", 404), "1");
    assert_eq!(count("_OTHER", "/api/v1/device-types", 405), "1");
    for line in ["rest_standard_replays_total 1", "rest_standard_store_writer_queue 0"] {
        assert!(metrics.lines().any(|found| found == line), "{line}\n{metrics}");
    }
    assert!(
        metrics.contains("rest_standard_store_batches_total ") && !metrics.contains("nowhere"),
        "{metrics}"
    );
    assert!(!metrics.contains("house-alarm"), "ids are data, and no label: {metrics}");
}

#[test]
fn the_admin_listener_has_nothing_else_and_is_off_unless_asked_for() {
    let folder = folder();
    let service = Running::start(folder.path(), &["--admin-listen", "127.0.0.1:0", "--database", "memory"]);
    let admin = admin_address(&service);
    for (method, path, status) in [
        ("GET", "/health/live", "200"),
        ("GET", "/health/ready", "200"),
        ("HEAD", "/metrics", "200"),
        ("POST", "/metrics", "405"),
        ("GET", "/", "404"),
        ("GET", "/api/v1/device-types", "404"),
    ] {
        let answer = ask(&admin, method, path);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{method} {path}: {answer}");
    }
    let answer = service.get("/metrics", "");
    assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
    let output = refused(folder.path(), &["--admin-listen", "nowhere", "--database", "memory"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output).contains("--admin-listen"), "{}", text(&output));
}

/// The dashboard asks for nothing that a service does not say.
#[test]
fn the_dashboard_names_what_there_is() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("grafana.json");
    let dashboard = std::fs::read_to_string(file).expect("the dashboard is there");
    let parsed: serde_json::Value = serde_json::from_str(&dashboard).expect("it is JSON");
    assert!(parsed["panels"].as_array().is_some_and(|panels| panels.len() >= 6));
    let folder = folder();
    let service =
        Running::start(folder.path(), &["--admin-listen", "127.0.0.1:0", "--database", "sqlite:registry.db"]);
    let admin = admin_address(&service);
    let _ = service.get("/api/v1", "");
    let metrics = ask(&admin, "GET", "/metrics");
    // Those of the other store.
    const OF_POSTGRES: [&str; 3] = ["pool_connections", "pool_idle_connections", "pool_waiting_requests"];
    let mut names = 0;
    for word in dashboard.split(|char: char| !char.is_ascii_alphanumeric() && char != '_') {
        let name = word.trim_end_matches("_total").trim_end_matches("_bucket").trim_end_matches("_count");
        let Some(own) = name.strip_prefix("rest_standard_store_").or(name.strip_prefix("rest_standard_"))
        else {
            if name.starts_with("http_server_") {
                names += 1;
                assert!(metrics.contains(&format!("# TYPE {name} ")), "{name}");
            }
            continue;
        };
        names += 1;
        assert!(metrics.contains(&format!("# TYPE {name} ")) || OF_POSTGRES.contains(&own), "{name}");
    }
    assert!(names >= 8, "{names}");
}
