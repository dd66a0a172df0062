//! `import-schema`: databases become services.
//!
//! What it writes for the schemas in `tests/existing` is in the tree as it is written, so that the compiler judges it and the
//! service that it makes can be asked.

use std::{fs, path::Path, process::Command};

use rest_standard::command::Service;
use rest_standard_tests::{Api, shop::Place};
use serde_json::json;

#[rustfmt::skip]
#[expect(unreachable_pub, reason = "it is written for a program, where it can be reached")]
#[path = "../existing/chinook/postgres/resources/mod.rs"]
mod chinook_on_postgres;
#[rustfmt::skip]
#[expect(unreachable_pub, reason = "it is written for a program, where it can be reached")]
#[path = "../existing/chinook/sqlite/resources/mod.rs"]
mod chinook_on_sqlite;
#[rustfmt::skip]
#[expect(unreachable_pub, reason = "it is written for a program, where it can be reached")]
#[path = "../existing/northwind/postgres/resources/mod.rs"]
mod northwind_on_postgres;
#[rustfmt::skip]
#[expect(unreachable_pub, reason = "it is written for a program, where it can be reached")]
#[path = "../existing/northwind/sqlite/resources/mod.rs"]
mod northwind_on_sqlite;

#[rustfmt::skip]
#[expect(unreachable_pub, reason = "it is written for a program, where it can be reached")]
#[path = "../existing/registry/resources/mod.rs"]
mod registry;

const CHINOOK_ROWS: &str = include_str!("../existing/chinook.rows.sql");
const NORTHWIND_ROWS: &str = include_str!("../existing/northwind.rows.sql");

/// The rows in the words of SQLite, where the tables are called otherwise.
fn sqlite_rows(rows: &str) -> String {
    let names = [
        ("customer_demographics", "CustomerDemographics"),
        ("customer_customer_demo", "CustomerCustomerDemo"),
        ("employee_territories", "EmployeeTerritories"),
        ("media_type", "MediaType"),
        ("playlist_track", "PlaylistTrack"),
    ];
    names.iter().fold(rows.to_owned(), |rows, (from, to)| {
        rows.replace(&format!("INTO {from} "), &format!("INTO {to} "))
    })
}

/// The schema's places, with the folder that has its declarations, and the service that these make.
async fn chinook() -> Vec<(Place, &'static str, Service)> {
    let sqlite = [include_str!("../existing/chinook.sqlite.sql"), &sqlite_rows(CHINOOK_ROWS)].concat();
    let mut all = vec![(
        Place::sqlite(&sqlite),
        "chinook/sqlite",
        Service::new("shop").version("v1", chinook_on_sqlite::register),
    )];
    if !rest_standard_tests::postgres::is_left_out() {
        let postgres = [include_str!("../existing/chinook.postgres.sql"), CHINOOK_ROWS].concat();
        let service = Service::new("shop").version("v1", chinook_on_postgres::register);
        all.push((Place::postgres(&postgres).await, "chinook/postgres", service));
    }
    all
}

async fn northwind() -> Vec<(Place, &'static str, Service)> {
    let sqlite = [include_str!("../existing/northwind.sqlite.sql"), &sqlite_rows(NORTHWIND_ROWS)].concat();
    let mut all = vec![(
        Place::sqlite(&sqlite),
        "northwind/sqlite",
        Service::new("shop").version("v1", northwind_on_sqlite::register),
    )];
    if !rest_standard_tests::postgres::is_left_out() {
        let postgres = [include_str!("../existing/northwind.postgres.sql"), NORTHWIND_ROWS].concat();
        let service = Service::new("shop").version("v1", northwind_on_postgres::register);
        all.push((Place::postgres(&postgres).await, "northwind/postgres", service));
    }
    all
}

/// Runs the command, and gives what it prints.
fn import(place: &Place, out: &Path) -> Result<String, String> {
    let output = Command::new(env!("CARGO_BIN_EXE_shop"))
        .args(["import-schema", "--database", &place.url(), "--out"])
        .arg(out)
        .output()
        .expect("the program is there");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("it prints text");
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

/// The files below a folder, with their texts.
fn files(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(at) = open.pop() {
        for entry in fs::read_dir(&at).expect("the folder is there") {
            let path = entry.expect("it can be read").path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let name = path.strip_prefix(folder).expect("it is below").display().to_string();
            found.push((name, fs::read_to_string(&path).expect("it is a text")));
        }
    }
    found.sort();
    found
}

/// Compares what is in a folder with what is in the tree, and with `BLESS` writes that anew.
fn golden(name: &str, written: &Path) {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("existing").join(name);
    if std::env::var_os("BLESS").is_some() {
        let _ = fs::remove_dir_all(&golden);
        for (file, text) in files(written) {
            let path = golden.join(file);
            fs::create_dir_all(path.parent().expect("it has a folder")).expect("it can be made");
            fs::write(path, text).expect("it can be written");
        }
    }
    assert_eq!(files(written), files(&golden), "{name}: BLESS=1 writes them anew");
}

#[tokio::test]
async fn r194_the_tables_of_a_database_become_declarations() {
    for (place, name, _) in chinook().await.into_iter().chain(northwind().await) {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let said = import(&place, folder.path()).expect("it imports");
        golden(name, folder.path());
        // Each decision is said.
        for expected in match name {
            "chinook/sqlite" => {
                vec!["Invoice_Line: it stands below `Invoice`", "no column for created_at", "11 resources"]
            }
            "northwind/sqlite" => {
                vec!["`OrderDate` is a `Date`, as its rows have it; its type is DATETIME", "13 resources"]
            }
            "northwind/postgres" => vec!["order details: rows are made by PUT"],
            _ => vec!["invoice_line: it stands below `invoice`"],
        } {
            assert!(said.contains(expected), "{expected} is not in:\n{said}");
        }
        // Nothing is overwritten.
        let again = import(&place, folder.path()).expect_err("the files are there");
        assert!(again.contains("nothing was written, as these files are there"), "{again}");
    }
}

#[tokio::test]
async fn r194_what_was_imported_is_a_service() {
    for (place, name, service) in chinook().await {
        let api = place.serve(service).await;
        let line = api.values("invoices/1/invoice-lines/1").await;
        assert_eq!((&line["unitPrice"], &line["quantity"]), (&json!(0.99), &number(name, 1)));
        let expanded = api.get("tracks/1?$expand=albumId").await.assert_status(200);
        assert_eq!(expanded.values()["expanded"]["albumId"]["title"], "For Those About To Rock");
        let tracks = api.column_of_all("tracks?$orderBy=name&$limit=1", "name").await;
        assert_eq!(tracks, [json!("Balls to the Wall"), json!("Put The Finger On You")]);
        let album = json!({"title": "Restless and Wild", "artistId": number(name, 2)});
        let made = api.post("albums", album).await.assert_status(201);
        assert_eq!(made.values()["id"], 3);
        let nowhere = json!({"title": "Nobody's", "artistId": number(name, 99)});
        let _ = api.post("albums", nowhere).await.assert_refused(422, "InvalidValue");
        let _ = api.delete("artists/2").await.assert_status(409);
        // Which track it is, the client says.
        let _ = api.put("playlists/1/playlist-tracks/2", json!({})).await.assert_status(200);
        let _ = api.delete("playlists/1/playlist-tracks/2").await.assert_status(200);
        let _ = api.put("playlists/1/playlist-tracks/2", json!({})).await.assert_status(201);
        let _ =
            api.put("playlists/1/playlist-tracks/77", json!({})).await.assert_refused(422, "InvalidValue");
        assert_eq!(api.count("playlists/1/playlist-tracks").await, 2);
        every_address_answers(&api).await;
    }
    for (place, name, service) in northwind().await {
        let api = place.serve(service).await;
        let order = api.values("orders/10248").await;
        assert_eq!((&order["orderDate"], &order["freight"]), (&json!("1996-07-04"), &json!(32.5)));
        let detail = json!({"unitPrice": 18.1, "quantity": number(name, 3), "discount": 0.15});
        let changed = api.put("orders/10248/order-details/1", detail).await.assert_status(200);
        assert_eq!(
            (&changed.values()["unitPrice"], &changed.values()["discount"]),
            (&json!(18.1), &json!(0.15))
        );
        assert_eq!(api.values("orders/10248/order-details/1").await["etag"], changed.values()["etag"]);
        let employee = api.values("employees/1").await;
        assert_eq!(employee["titleOfCourtesy"], "Ms");
        let _ = api.patch("employees/1", json!({"titleOfCourtesy": "Dr"})).await.assert_status(200);
        let held = "SELECT CAST(titleofcourtesy AS text) FROM employees";
        let held = if name.ends_with("postgres") {
            held.replace("titleofcourtesy", "title_of_courtesy")
        } else {
            held.to_owned()
        };
        assert_eq!(place.ask(&held).await, "Dr.");
        let customer = json!({"id": "BLAUS", "companyName": "Blauer See"});
        let _ = api.post("customers", customer).await.assert_status(201);
        let demo = json!({"id": "VIP"});
        let _ = api.post("customers/BLAUS/customer-customer-demos", demo).await.assert_status(201);
        let _ = api.delete("customers/BLAUS").await.assert_refused(409, "HasChildren");
        every_address_answers(&api).await;
    }
}

/// An integer as it stands in JSON: one of 64 bits is a text.
fn number(name: &str, number: i64) -> serde_json::Value {
    if name.ends_with("sqlite") { json!(number.to_string()) } else { json!(number) }
}

/// Follows the links of the root to every list, and to the first resource of each.
async fn every_address_answers(api: &Api) {
    let root = api.get("").await.assert_status(200);
    let mut lists: Vec<String> =
        root.links().iter().filter_map(|link| link["href"].as_str()).map(str::to_owned).collect();
    lists.sort();
    lists.dedup();
    assert!(lists.len() > 1, "{lists:?}");
    for list in lists.iter().filter(|list| !list.ends_with("/openapi.json") && !list.ends_with("/docs")) {
        let answer = api.get(list).await.assert_status(200);
        let Some(first) = answer.values().as_array().and_then(|elements| elements.first()) else { continue };
        let _ = api.get(first["url"].as_str().expect("it has an address")).await.assert_status(200);
    }
}

/// Two tables with one plural are two collections.
#[test]
fn names_that_meet_are_told_apart() {
    let place = Place::sqlite(
        "CREATE TABLE \"order\" (id INTEGER PRIMARY KEY, note TEXT); CREATE TABLE orders (id INTEGER PRIMARY KEY, note TEXT)",
    );
    let folder = tempfile::tempdir().expect("a folder can be made");
    let _ = import(&place, folder.path()).expect("it imports");
    let texts: String = files(folder.path()).into_iter().map(|(_, text)| text).collect();
    for expected in
        ["collection = \"orders\"", "collection = \"orders2\"", "pub struct Order {", "pub struct Order2 {"]
    {
        assert!(texts.contains(expected), "{expected} is not in:\n{texts}");
    }
}

/// What the device registry has made gives back its declaration, but for what is not in a database: the names of variants, the
/// members of lists, and bounds. A service with that declaration finds nothing to do.
#[tokio::test]
async fn r194_tables_of_the_framework_give_their_declaration_back() {
    let place = Place::sqlite("");
    drop(place.serve(device_registry::service()).await);
    let folder = tempfile::tempdir().expect("a folder can be made");
    let said = import(&place, folder.path()).expect("it imports");
    golden("registry", folder.path());
    assert!(said.contains("the variants of `category` are numbers in the database; name them"), "{said}");
    // Without leave to change anything it starts only where nothing is to be done.
    let declared = Service::new("device-registry").version("v1", registry::register);
    let api = place.serve(declared.migrate_at_start(false)).await;
    let first = api.get("device-types?$limit=1").await.assert_status(200);
    let path = first.values()[0]["url"].as_str().expect("it has an address").to_owned();
    let device = json!({"displayName": "Hall", "owner": "ada", "serialNumber": "S-9"});
    let made = api.post(&format!("{path}/devices"), device).await.assert_status(201);
    let url = made.values()["url"].as_str().expect("it has an address").to_owned();
    assert_eq!(api.count(&format!("{url}/changes")).await, 1);
    let _ = api.delete(&path).await.assert_status(409);
    every_address_answers(&api).await;
}
