//! What a start adds to a Postgres database, and what stops it.

use std::sync::Arc;

use jiff::Timestamp;
use rest_standard::{
    descriptor::{Descriptor, EnumDescriptor, FieldDescriptor, FieldKind, IdKind, Shape, Variant},
    error::Result,
    store::{
        Conflict, Record, Scan, Scope, Store, Write, WriteBatch,
        postgres::{PostgresOptions, PostgresStore},
    },
    tree::{NodeId, Tree},
    value::{Path, Value},
};
use rest_standard_conformance::declare::{INTEGER, field, nullable, resource, searched, unique};
use rest_standard_tests::{postgres::Database, rows::record};

const fn variant(number: i64, name: &'static str) -> Variant {
    Variant { number, name, doc: "" }
}

static MODE: EnumDescriptor =
    EnumDescriptor { name: "Mode", doc: "", variants: &[variant(0, "Off"), variant(1, "On")] };
static MORE_MODES: EnumDescriptor = EnumDescriptor {
    name: "Mode",
    doc: "",
    variants: &[variant(0, "Off"), variant(1, "On"), variant(2, "Ring")],
};

const NAME: FieldDescriptor = required("displayName", "display_name", FieldKind::Text);

const fn required(name: &'static str, column: &'static str, kind: FieldKind) -> FieldDescriptor {
    FieldDescriptor { column, nullable: false, filter: false, order: false, ..field(name, kind) }
}

const VENDORS: Descriptor = resource("Vendor", "vendors", Shape::Collection(IdKind::Slug));

static VENDOR: Descriptor = Descriptor { fields: &[NAME], ..VENDORS };

static DEVICE: Descriptor = Descriptor {
    parent: Some(|| &VENDOR),
    fields: &[NAME],
    ..resource("Device", "devices", Shape::Collection(IdKind::Uuid))
};

fn tree(descriptors: &[&'static Descriptor]) -> Arc<Tree> {
    Arc::new(Tree::build(descriptors).expect("the tree is sound"))
}

async fn started(
    database: &Database,
    service: &str,
    descriptors: &[&'static Descriptor],
) -> Result<PostgresStore> {
    let options: PostgresOptions = database.url().parse().expect("it is a URL");
    let store = PostgresStore::new(options, service)?;
    store.migrate(tree(descriptors), Timestamp::UNIX_EPOCH).await?;
    Ok(store)
}

async fn migrated(database: &Database, descriptors: &[&'static Descriptor]) -> Result<PostgresStore, String> {
    started(database, "migration", descriptors).await.map_err(|error| error.description().to_owned())
}

async fn run(database: &Database, sql: &str) {
    let outcome = database.connect().await.batch_execute(sql).await;
    outcome.unwrap_or_else(|failure| panic!("{failure:?}\n{sql}"));
}

async fn ask(database: &Database, sql: &str) -> String {
    database.connect().await.query_one(sql, &[]).await.expect("the query is sound").get(0)
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

async fn commit(store: &PostgresStore, write: Write) -> std::result::Result<(), Conflict> {
    store.commit(WriteBatch { writes: vec![write], ..WriteBatch::default() }).await
}

async fn insert(store: &PostgresStore, id: &str, row: Vec<Value>) -> std::result::Result<(), Conflict> {
    commit(store, Write::Insert(NodeId(0), record(id, row))).await
}

/// A database with one vendor, closed, and the statements that were run on it since.
async fn changed_behind(sql: &str) -> Database {
    let database = Database::take().await;
    let store = migrated(&database, &[&VENDOR, &DEVICE]).await.expect("it is empty");
    insert(&store, "acme", vec![text("acme")]).await.expect("commits");
    store.close().await;
    run(&database, sql).await;
    database
}

/// The start is refused with `words`; what the text says to do makes the next start succeed.
async fn refused_and_mended(database: &Database, descriptors: &[&'static Descriptor], words: &str) {
    let text = migrated(database, descriptors).await.expect_err("the start is refused");
    assert!(text.contains(words), "{text}");
    let mut sql: Vec<&str> = Vec::new();
    let mut is_sql = false;
    for line in text.lines() {
        match line {
            "    mended by:" => is_sql = true,
            line if line.starts_with("      ") && is_sql => sql.push(line),
            _ => is_sql = false,
        }
    }
    run(database, &sql.join("\n")).await;
    if let Err(text) = migrated(database, descriptors).await {
        panic!("still: {text}");
    }
}

static VENDOR_WITH_MORE: Descriptor = Descriptor {
    fields: &[
        NAME,
        FieldDescriptor { order: true, ..nullable("note", FieldKind::Text) },
        FieldDescriptor {
            default: Some(|| Value::Text("it's".to_owned())),
            filter: true,
            ..required("color", "color", FieldKind::Text)
        },
        unique(nullable("code", FieldKind::Text)),
        required("mode", "mode", FieldKind::Enum(&MORE_MODES)),
        FieldDescriptor {
            default: Some(|| Value::Bytes(vec![0, 255])),
            ..required("seal", "seal", FieldKind::Bytes)
        },
        FieldDescriptor { default: Some(|| Value::Bool(true)), ..required("open", "open", FieldKind::Bool) },
    ],
    ..VENDORS
};

#[tokio::test]
async fn what_only_adds_is_done_at_start() {
    let database = changed_behind("").await;
    let store = migrated(&database, &[&VENDOR_WITH_MORE, &DEVICE]).await.expect("it only adds");
    let row = store.read(NodeId(0), &Path(vec!["acme".into()])).await.expect("reads").expect("it is there");
    let added = [
        text("acme"),
        Value::Null,
        text("it's"),
        Value::Null,
        Value::Integer(0),
        Value::Bytes(vec![0, 255]),
        Value::Bool(true),
    ];
    assert_eq!(row.row.0, added);
    let full = |mode| {
        let seal = Value::Bytes(Vec::new());
        vec![text("x"), Value::Null, text("red"), text("c"), Value::Integer(mode), seal, Value::Bool(false)]
    };
    insert(&store, "a", full(2)).await.expect("the enum has the variant");
    let taken = insert(&store, "b", full(2)).await.expect_err("the code is taken");
    assert!(matches!(taken, Conflict::Unique), "{taken:?}");
    store.close().await;
    migrated(&database, &[&VENDOR_WITH_MORE, &DEVICE]).await.expect("nothing is left to do").close().await;
    // The release before still runs on it: its rows need none of the new columns, and its updates keep their values.
    let store = migrated(&database, &[&VENDOR, &DEVICE]).await.expect("what is more does not matter");
    insert(&store, "older", vec![text("older")]).await.expect("commits");
    let update = Write::Update(NodeId(0), Record { revision: 2, ..record("a", vec![text("changed")]) });
    commit(&store, update).await.expect("commits");
    let kept =
        ask(&database, "SELECT display_name || ' ' || color || mode FROM vendors WHERE id = 'a'").await;
    assert_eq!(kept, "changed red2");
}

/// What is printed for an operator is all that a start would do: afterwards nothing is left to do.
#[tokio::test]
async fn the_pending_sql_brings_a_database_up() {
    let database = Database::take().await;
    let all: [&'static Descriptor; 2] = [&VENDOR, &DEVICE];
    let more: [&'static Descriptor; 2] = [&VENDOR_WITH_MORE, &DEVICE];
    for descriptors in [&all, &more] {
        let options: PostgresOptions = database.url().parse().expect("it is a URL");
        let store = PostgresStore::new(options, "migration").expect("the settings are sound");
        let pending =
            async || store.pending(tree(descriptors), Timestamp::UNIX_EPOCH).await.expect("it is told");
        let script = pending().await.join("\n");
        assert!(!script.is_empty());
        assert_eq!(pending().await.len(), pending().await.len(), "a look changes nothing");
        run(&database, &script).await;
        assert_eq!(pending().await, [""; 0], "{script}");
        store.migrate(tree(descriptors), Timestamp::UNIX_EPOCH).await.expect("nothing is left to do");
        store.close().await;
    }
    let store = migrated(&database, &more).await.expect("it is up to date");
    let row = vec![
        text("x"),
        Value::Null,
        text("red"),
        text("c"),
        Value::Integer(2),
        Value::Bytes(vec![]),
        Value::Bool(true),
    ];
    insert(&store, "a", row).await.expect("the enum has the variant");
}

#[tokio::test]
async fn extra_tables_and_columns_are_left_alone() {
    let sql = "ALTER TABLE vendors ADD COLUMN extra text, ADD COLUMN level integer NOT NULL DEFAULT 3;
               UPDATE vendors SET extra = 'kept'; CREATE TABLE mine (a text); CREATE INDEX mine_too ON vendors (extra)";
    let database = changed_behind(sql).await;
    let store = migrated(&database, &[&VENDOR, &DEVICE]).await.expect("what is more does not matter");
    let update = Write::Update(NodeId(0), Record { revision: 2, ..record("acme", vec![text("acme")]) });
    commit(&store, update).await.expect("commits");
    assert_eq!(ask(&database, "SELECT extra || level FROM vendors").await, "kept3");
    store.close().await;
    run(&database, "ALTER TABLE vendors ADD COLUMN must text; UPDATE vendors SET must = 'x'").await;
    run(&database, "ALTER TABLE vendors ALTER COLUMN must SET NOT NULL").await;
    refused_and_mended(&database, &[&VENDOR, &DEVICE], "the column `must` is not declared").await;
}

#[tokio::test]
async fn an_enum_grows_in_place_and_shrinks_only_over_unused_variants() {
    const SWITCH: Descriptor = resource("Switch", "switches", Shape::Collection(IdKind::Slug));
    static GROWN: Descriptor =
        Descriptor { fields: &[required("mode", "mode", FieldKind::Enum(&MORE_MODES))], ..SWITCH };
    static SHRUNK: Descriptor =
        Descriptor { fields: &[required("mode", "mode", FieldKind::Enum(&MODE))], ..SWITCH };
    let database = Database::take().await;
    let store = migrated(&database, &[&SHRUNK]).await.expect("it is empty");
    insert(&store, "a", vec![Value::Integer(1)]).await.expect("commits");
    let _ = insert(&store, "b", vec![Value::Integer(2)]).await.expect_err("there is no such variant");
    store.close().await;
    let store = migrated(&database, &[&GROWN]).await.expect("it only adds");
    insert(&store, "b", vec![Value::Integer(2)]).await.expect("commits");
    let _ = insert(&store, "c", vec![Value::Integer(3)]).await.expect_err("there is no such variant");
    store.close().await;
    migrated(&database, &[&GROWN]).await.expect("nothing is left to do").close().await;
    refused_and_mended(&database, &[&SHRUNK], "holds variants that the enum no longer has").await;
    assert_eq!(ask(&database, "SELECT string_agg(mode::text, ',' ORDER BY id) FROM switches").await, "1,0");
}

#[tokio::test]
async fn a_required_field_without_default_needs_a_value_for_the_rows_that_exist() {
    static WITH_COUNTRY: Descriptor =
        Descriptor { fields: &[NAME, required("country", "country", FieldKind::Text)], ..VENDORS };
    let database = changed_behind("").await;
    refused_and_mended(&database, &[&WITH_COUNTRY], "the required field `country` has no column").await;
    let database = changed_behind("DELETE FROM vendors").await;
    let _ = migrated(&database, &[&WITH_COUNTRY]).await.expect("there is no row");
}

#[tokio::test]
async fn every_other_difference_stops_the_start_and_can_be_mended() {
    static BY_NUMBER: Descriptor =
        Descriptor { fields: &[required("displayName", "display_name", INTEGER)], ..VENDORS };
    static OPTIONAL: Descriptor =
        Descriptor { fields: &[FieldDescriptor { nullable: true, ..NAME }], ..VENDORS };
    static UNIQUE: Descriptor = Descriptor { fields: &[unique(NAME)], ..VENDORS };
    static UNIQUE_DEFAULT: Descriptor = Descriptor {
        fields: &[
            NAME,
            unique(FieldDescriptor {
                default: Some(|| Value::Text(String::new())),
                ..required("code", "code", FieldKind::Text)
            }),
        ],
        ..VENDORS
    };
    let database = changed_behind("UPDATE vendors SET display_name = '42'").await;
    let words = "the column `display_name` is text COLLATE \"C\", declared is bigint";
    refused_and_mended(&database, &[&BY_NUMBER], words).await;
    assert_eq!(ask(&database, "SELECT (display_name + 1)::text FROM vendors").await, "43");

    let database = changed_behind("").await;
    let words = "the column `display_name` is NOT NULL, but the field is optional";
    refused_and_mended(&database, &[&OPTIONAL], words).await;
    let words = "the column `display_name` allows NULL, but the field is required";
    refused_and_mended(&database, &[&VENDOR], words).await;

    migrated(&database, &[&UNIQUE]).await.expect("an index is added").close().await;
    let words = "the column `display_name` is unique, but the field is not";
    refused_and_mended(&database, &[&VENDOR], words).await;
    let store = migrated(&database, &[&VENDOR]).await.expect("it is mended");
    insert(&store, "again", vec![text("acme")]).await.expect("it is not unique");
    store.close().await;
    let refused = migrated(&database, &[&UNIQUE]).await.expect_err("values repeat");
    assert!(refused.contains("values repeat"), "{refused}");
    let refused = migrated(&database, &[&UNIQUE_DEFAULT]).await.expect_err("the default repeats");
    assert!(refused.contains("its default would repeat"), "{refused}");

    // An order by language would be another than that of cursors.
    let database =
        changed_behind("ALTER TABLE vendors ALTER COLUMN display_name TYPE text COLLATE \"POSIX\"").await;
    refused_and_mended(&database, &[&VENDOR], "declared is text COLLATE \"C\"").await;
}

#[tokio::test]
async fn keys_that_are_missing_can_be_put_back() {
    let sql = "ALTER TABLE vendors__devices DROP CONSTRAINT vendors__devices_pkey, \
               DROP CONSTRAINT vendors__devices_vendors_id_fkey";
    let database = changed_behind(sql).await;
    refused_and_mended(&database, &[&VENDOR, &DEVICE], "the primary key is not (vendors_id, id)").await;
    let keys = "SELECT count(*)::text FROM pg_constraint WHERE conrelid = 'vendors__devices'::regclass AND contype IN ('p', 'f')";
    assert_eq!(ask(&database, keys).await, "2");
}

#[tokio::test]
async fn a_refused_start_changes_nothing() {
    static BOTH: Descriptor = Descriptor {
        fields: &[nullable("note", FieldKind::Text), required("displayName", "display_name", INTEGER)],
        ..VENDORS
    };
    let database = changed_behind("").await;
    let _ = migrated(&database, &[&BOTH]).await.expect_err("the type differs");
    let columns = "SELECT count(*)::text FROM information_schema.columns WHERE table_name = 'vendors' AND column_name = 'note'";
    assert_eq!(ask(&database, columns).await, "0");
    let _ = migrated(&database, &[&VENDOR, &DEVICE]).await.expect("it is as it was");
}

#[tokio::test]
async fn databases_of_others_are_refused() {
    let database = changed_behind("").await;
    let refused = started(&database, "another", &[&VENDOR]).await.expect_err("it belongs to another");
    let words = "the database belongs to the service `migration`, and this one is `another`";
    assert!(refused.description().contains(words), "{refused:?}");
    run(&database, "UPDATE \"_meta\" SET format = 2").await;
    let refused = migrated(&database, &[&VENDOR]).await.expect_err("it is of a newer release");
    assert!(refused.contains("the database has the format 2, and this release reads up to 1"), "{refused}");

    let database = Database::take().await;
    run(&database, "CREATE TABLE vendors (id integer)").await;
    let refused = migrated(&database, &[&VENDOR]).await.expect_err("it is no service's");
    assert!(refused.contains("the table `vendors` is in the database, which is not"), "{refused}");
    assert_eq!(ask(&database, "SELECT count(*)::text FROM pg_tables WHERE schemaname = 'public'").await, "1");
}

#[tokio::test]
async fn words_are_made_of_the_rows_that_exist() {
    static SEARCHED: Descriptor = Descriptor { fields: &[searched(NAME)], ..VENDORS };
    let found = async |store: &PostgresStore, word: &str| {
        let all = Scan::all(NodeId(0), Scope::Below(Path::default()), 10);
        let scan = Scan { search: vec![word.to_owned()], ..all };
        store.scan(&scan).await.expect("scans").records.len()
    };
    let database = changed_behind("").await;
    let store = migrated(&database, &[&SEARCHED]).await.expect("it only adds");
    assert_eq!((found(&store, "acm").await, found(&store, "other").await), (1, 0));
    store.close().await;
    // A release that knows nothing of the search writes a row, whose words another start makes where it is told to.
    let store = migrated(&database, &[&VENDOR]).await.expect("what is more does not matter");
    insert(&store, "other", vec![text("Other")]).await.expect("commits");
    store.close().await;
    let store = migrated(&database, &[&SEARCHED]).await.expect("it only adds");
    assert_eq!((found(&store, "acm").await, found(&store, "other").await), (1, 1));
}

#[tokio::test]
async fn names_that_postgres_would_cut_are_kept_apart() {
    static LONG: Descriptor = Descriptor {
        fields: &[unique(nullable("note", FieldKind::Text))],
        changes: true,
        ..resource(
            "Long",
            "collections-with-a-name-that-is-much-longer-than-any-that-postgres-takes",
            Shape::Collection(IdKind::Slug),
        )
    };
    static LONGER: Descriptor = Descriptor {
        fields: &[nullable("note", FieldKind::Text)],
        ..resource(
            "Longer",
            "collections-with-a-name-that-is-much-longer-than-any-that-postgres-keeps",
            Shape::Collection(IdKind::Slug),
        )
    };
    let database = Database::take().await;
    migrated(&database, &[&LONG, &LONGER]).await.expect("the names differ").close().await;
    let store = migrated(&database, &[&LONG, &LONGER]).await.expect("nothing is left to do");
    insert(&store, "a", vec![text("n")]).await.expect("commits");
    let taken = insert(&store, "b", vec![text("n")]).await.expect_err("the value is taken");
    assert!(matches!(taken, Conflict::Unique), "{taken:?}");
}
