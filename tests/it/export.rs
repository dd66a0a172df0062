//! Export: a whole collection as it was at one moment, row by row.

use std::{sync::Arc, time::Duration};

use http::Method;
use rest_standard::{
    service::Limits,
    testing::{TestServer, TestService},
};
use rest_standard_tests::{
    Registry, Stored, actions, allowed,
    depot::{self, Depot, crate_id, exported, lines},
    faulty::{Mood, faulty},
    locators, on_every_store,
};
use serde_json::{Value as Json, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

on_every_store! {
    async fn an_export_has_every_resource_once_and_in_order(api: Depot) {
        api.fill(0..1200).await;
        let answer = api.get("crates:export").await.assert_status(200);
        assert_eq!(answer.header("content-type"), "application/x-ndjson");
        assert_eq!(answer.header("cache-control"), "private, no-cache");
        assert!(answer.text.ends_with('\n'));
        let expected: Vec<_> = (0..1200).map(crate_id).collect();
        assert_eq!(api.ids().await, expected);
    }

    async fn a_line_is_the_resource_without_its_links(api: Depot) {
        api.fill([1]).await;
        let mut expected = api.values(&format!("crates/{}", crate_id(1))).await;
        let links = expected.as_object_mut().and_then(|members| members.remove("links"));
        let answer = api.get("crates:export").await.assert_status(200);
        assert_eq!(exported(&answer), [expected]);
        let answer = api.get("crates:export?$select=links,label").await.assert_status(200);
        let line = exported(&answer).remove(0);
        assert_eq!((Some(&line["links"]), &line["label"]), (links.as_ref(), &json!("Crate 1")));
        assert_eq!(line.as_object().map(serde_json::Map::len), Some(4), "{line}");
    }

    async fn an_empty_collection_is_an_empty_export(api: Depot) {
        let answer = api.get("crates:export").await.assert_status(200);
        assert_eq!((answer.text.as_str(), answer.header("content-type")), ("", "application/x-ndjson"));
        let answer = api.get("crates:export.csv").await.assert_status(200);
        assert_eq!(answer.text.lines().count(), 1, "the header row alone");
    }

    async fn an_export_is_filtered_and_ordered_as_a_list_is(api: Depot) {
        api.fill(0..20).await;
        for query in [
            "$filter=weight=1 AND label:*&$orderBy=label desc",
            "$orderBy=weight desc,label desc",
            "label=Crate 7",
            "code=C7&$filter=weight=1",
            "$filter=label=\"Crate 1*\"",
        ] {
            let query = query.replace(' ', "%20").replace('"', "%22");
            let list = api.column(&format!("crates?{query}&$limit=1000"), "id").await;
            let answer = api.get(&format!("crates:export?{query}")).await.assert_status(200);
            let ids: Vec<Json> = exported(&answer).iter().map(|line| line["id"].clone()).collect();
            assert!(!ids.is_empty());
            assert_eq!(ids, list, "{query}");
        }
    }

    async fn an_export_leaves_deleted_resources_out_unless_asked(api: Depot) {
        api.fill(0..3).await;
        let _ = api.delete(&format!("crates/{}", crate_id(1))).await.assert_status(200);
        assert_eq!(api.ids().await, [crate_id(0), crate_id(2)]);
        let answer = api.get("crates:export?$showDeleted=true").await.assert_status(200);
        assert_eq!(exported(&answer).len(), 3);
        assert!(exported(&answer)[1]["deletedAt"].is_string());
    }

    async fn an_export_below_a_parent_has_its_resources_alone(api: Depot) {
        api.fill(0..2).await;
        for parent in 0..2 {
            let collection = format!("crates/{}/parcels", crate_id(parent));
            let bodies = (0..parent + 2).map(|at| json!({"destination": format!("{parent}-{at}")}));
            let _ = api.import_text(&collection, lines(bodies)).await.assert_status(200);
        }
        for (parent, count) in [(0, 2), (1, 3)] {
            for verb in [":export", "/export"] {
                // To the document a verb behind a slash could be an id.
                let request = api.get(&format!("crates/{}/parcels{verb}", crate_id(parent))).unchecked();
                let answer = request.await.assert_status(200);
                assert_eq!(exported(&answer).len(), count);
                assert_eq!(exported(&answer)[0]["destination"], format!("{parent}-0"));
            }
        }
        api.get("crates/nowhere/parcels:export").await.assert_refused(404, "NotFound");
    }

    async fn the_format_is_chosen_as_a_lists_is(api: Depot) {
        api.fill(0..2).await;
        for (path, accept, media) in [
            ("crates:export", None, "application/x-ndjson"),
            ("crates:export", Some("*/*"), "application/x-ndjson"),
            ("crates:export", Some("text/csv"), "text/csv"),
            ("crates:export", Some("application/x-ndjson;q=0.5, text/csv"), "text/csv"),
            ("crates:export.csv", Some("application/x-ndjson"), "text/csv"),
            ("crates:export?$format=csv", None, "text/csv"),
            ("crates:export.ndjson", Some("text/csv"), "application/x-ndjson"),
            ("crates:export?$format=ndjson", Some("image/png"), "application/x-ndjson"),
        ] {
            let mut request = api.get(path);
            if let Some(accept) = accept {
                request = request.header("accept", accept);
            }
            let answer = request.await.assert_status(200);
            assert_eq!(answer.header("content-type"), media, "{path} {accept:?}");
            let left_open = !path.contains(['?', '.']);
            assert_eq!(answer.headers.get_all("vary").iter().any(|vary| vary == "accept"), left_open, "{path}");
        }
        api.get("crates:export").header("accept", "application/json").await.assert_refused(406, "NotAcceptable");
        api.get("crates:export?$format=xml").await.assert_status(400);
        for path in ["crates:export.json", "crates:export?$format=json", "crates:export.csv?$format=ndjson", "crates?$format=ndjson", "crates.ndjson"] {
            let answer = api.get(path).await;
            answer.assert_refused(400, "InvalidParameter");
            assert_eq!(locators(&answer), ["parameter $format"], "{answer}");
        }
    }

    async fn csv_is_what_the_list_has_in_csv(api: Depot) {
        api.fill(0..700).await;
        let list = api.get("crates.csv?$limit=1000").await.assert_status(200);
        let export = api.get("crates:export.csv").await.assert_status(200);
        let without_links = |text: &str| -> Vec<Vec<String>> {
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
            let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("CSV")).collect();
            let links = rows[0].iter().position(|name| name == "links");
            let keep = |row: &csv::StringRecord| {
                row.iter().enumerate().filter(|(at, _)| Some(*at) != links).map(|(_, cell)| cell.to_owned()).collect()
            };
            rows.iter().map(keep).collect()
        };
        assert_eq!(without_links(&export.text), without_links(&list.text));
        assert!(!export.text.lines().next().unwrap_or_default().contains("links"));
    }

    async fn what_means_nothing_for_an_export_is_refused(api: Depot) {
        for parameter in ["$limit=1", "$offset=1", "$cursor=x", "$count=true", "$force=true", "$nothing=1"] {
            let answer = api.get(&format!("crates:export?{parameter}")).await;
            answer.assert_refused(400, "UnknownParameter");
        }
        api.get("crates:export?lock=x").await.assert_refused(400, "UnknownParameter");
        api.get("crates:export").header("if-none-match", "\"x\"").await.assert_refused(400, "InvalidParameter");
        api.get("crates:export?$filter=nothing=1").await.assert_refused(400, "InvalidParameter");
    }

    async fn an_export_answers_get_and_head_alone(api: Depot) {
        api.fill(0..2).await;
        let answer = api.post("crates:export", json!({})).await;
        answer.assert_refused(405, "MethodNotAllowed");
        assert_eq!(allowed(&answer), ["GET", "HEAD", "OPTIONS"]);
        let answer = api.request(Method::OPTIONS, "crates:export").await.assert_status(200);
        assert_eq!(allowed(&answer), ["GET", "HEAD", "OPTIONS"]);
        let get = api.get("crates:export").await.assert_status(200);
        let head = api.request(Method::HEAD, "crates:export").await.assert_status(200);
        assert_eq!((head.text.as_str(), head.header("content-type")), ("", get.header("content-type")));
        api.get("crates/c000000:export").await.assert_refused(404, "NotFound");
    }

    async fn collections_link_to_their_export_and_import(api: Depot) {
        let list = api.get("crates").await.assert_status(200);
        assert_eq!(actions(&list.meta()["links"], "export"), ["GET"]);
        assert_eq!(actions(&list.meta()["links"], "import"), ["POST"]);
        let _ = api.get(list.link("export", "GET")).await.assert_status(200);
        let link = list.links().iter().find(|link| link["rel"] == "export").expect("a link");
        assert_eq!(link["format"], json!(["application/x-ndjson", "text/csv"]));
    }

    async fn without_the_option_there_is_no_export(api: Registry) {
        let attributes = "device-types/house-alarm/attributes";
        api.get(&format!("{attributes}:export")).await.assert_refused(404, "NotFound");
        let list = api.get(attributes).await.assert_status(200);
        assert!(actions(&list.meta()["links"], "export").is_empty());
    }

    async fn an_export_is_compressed_as_other_answers_are(api: Depot) {
        api.fill(0..600).await;
        let plain = api.get("crates:export").await.assert_status(200);
        let packed = api.get("crates:export").header("accept-encoding", "gzip").await.assert_status(200);
        assert_eq!(packed.header("content-encoding"), "gzip");
        assert!(packed.bytes.len() * 2 < plain.bytes.len());
        for answer in [&plain, &packed] {
            assert!(answer.headers.get_all("vary").iter().any(|value| value == "accept-encoding"));
        }
        let mut text = String::new();
        std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&packed.bytes[..]), &mut text).expect("gzip");
        assert_eq!(text, plain.text);
        let head = api.request(Method::HEAD, "crates:export").header("accept-encoding", "gzip").await.assert_status(200);
        assert!(head.bytes.is_empty());
    }
}

on_every_store! {
    async fn as_many_exports_run_at_a_time_as_there_are_turns_for(api: Depot) {
        api.fill(0..20_000).await;
        let server = api.service.listen().await;
        let (one, two) = (begin(&server).await, begin(&server).await);
        let answer = api.get("crates:export").await;
        answer.assert_refused(503, "Unavailable");
        assert_eq!(answer.header("retry-after"), "5");
        // Clients that hang up give their turns back.
        drop((one, two));
        tokio::time::timeout(Duration::from_secs(20), async {
            while api.get("crates:export?code=C1").await.status == 503 {
                tokio::task::yield_now().await;
            }
        })
        .await
        .expect("a turn comes back");
    }
}

/// Begins an export and takes none of it but its beginning.
async fn begin(server: &TestServer) -> TcpStream {
    let mut stream = TcpStream::connect(server.address()).await.expect("a connection");
    let request = b"GET /api/v1/crates:export HTTP/1.1\r\nHost: localhost\r\n\r\n";
    stream.write_all(request).await.expect("the request is sent");
    let mut head = [0; 64];
    stream.read_exact(&mut head).await.expect("an answer");
    assert!(head.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&head));
    stream
}

#[tokio::test]
async fn an_export_that_takes_too_long_breaks_off_without_an_end() {
    for stored in Stored::all() {
        let limits = Limits { export_time: Duration::from_millis(800), ..Limits::default() };
        let api = Depot::with(stored, |service| service.limits(limits)).await;
        api.fill(0..20_000).await;
        let server = api.service.listen().await;
        // Neither client takes anything until the time of both is over, which gives their turns back.
        let (mut stream, _other) = (begin(&server).await, begin(&server).await);
        tokio::time::timeout(Duration::from_secs(20), async {
            while api.get("crates:export?code=C1").await.status == 503 {
                tokio::task::yield_now().await;
            }
        })
        .await
        .expect("a turn comes back");
        let mut rest = Vec::new();
        // A connection that is reset is as good as an end without the last chunk.
        let _ = stream.read_to_end(&mut rest).await;
        assert!(!rest.ends_with(b"0\r\n\r\n"), "a short answer looks whole");
    }
}

#[tokio::test]
async fn an_export_whose_first_rows_do_not_come_is_an_error_in_its_envelope() {
    for (mood, status, reason) in
        [(Mood::Away, 503, "Unavailable"), (Mood::Failing, 500, "Internal"), (Mood::Hanging, 504, "Timeout")]
    {
        let limits = Limits { export_time: Duration::from_millis(200), ..Limits::default() };
        let store = faulty(Mood::Well);
        let service = TestService::with(depot::service().limits(limits), store.clone()).await;
        store.layer.set(mood);
        service.get("/api/v1/crates:export").await.assert_refused(status, reason);
    }
}

/// Two clients export one after the other, so that never more than two exports run.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_that_was_read_to_its_end_makes_room_at_once() {
    for stored in Stored::all() {
        let api = Arc::new(Depot::start(stored).await);
        api.fill(0..20).await;
        let clients = [api.clone(), api].map(|api| {
            tokio::spawn(async move {
                for _ in 0..300 {
                    let _ = api.get("crates:export").await.assert_status(200);
                }
            })
        });
        for client in clients {
            client.await.expect("each of its exports is answered");
        }
    }
}
