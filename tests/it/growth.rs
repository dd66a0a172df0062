//! Changes that a declaration names: columns that are renamed, converted and dropped, on both engines.

use std::{path::PathBuf, sync::Arc};

use jiff::Timestamp;
use rest_standard::{
    descriptor::{Descriptor, EnumDescriptor, FieldDescriptor, FieldKind, IdKind, Shape, Variant},
    store::{
        Store, Write, WriteBatch,
        postgres::PostgresStore,
        sqlite::{SqliteOptions, SqliteStore},
    },
    tree::{NodeId, Tree},
    value::{Path, Value},
};
use rest_standard_conformance::declare::{INTEGER, nullable, required, resource, unique};
use rest_standard_tests::{postgres::Database, rows::record};

const DEVICES: Descriptor = resource("Device", "devices", Shape::Collection(IdKind::Slug));

static MODE: EnumDescriptor = EnumDescriptor {
    name: "Mode",
    doc: "",
    variants: &[Variant { number: 0, name: "Off", doc: "" }, Variant { number: 3, name: "It'sOn", doc: "" }],
};
const ENUM: FieldKind = FieldKind::Enum(&MODE);
const SMALL: FieldKind = FieldKind::Integer { min: i32::MIN as i64, max: i32::MAX as i64 };

const fn was(kind: &'static str, field: FieldDescriptor) -> FieldDescriptor {
    FieldDescriptor { converted_from: Some(kind), ..field }
}

/// Every conversion: what was declared, what is, a value before and after.
fn conversions() -> Vec<(FieldDescriptor, FieldDescriptor, Value, Value)> {
    use FieldKind::{Bool, Date, Float, Text, Timestamp as Instant, Uuid};
    let uuid: uuid::Uuid = "0190a1b2-0000-7000-8000-0000000000ab".parse().expect("it is one");
    let day = jiff::civil::date(2026, 2, 28);
    let midnight: Timestamp = "2026-02-28T00:00:00Z".parse().expect("it is one");
    let instant: Timestamp = "2026-02-28T12:30:00.000125Z".parse().expect("it is one");
    let each =
        |name, (from, kind, before): (&'static str, FieldKind, Value), (to, after): (FieldKind, Value)| {
            (nullable(name, kind), was(from, nullable(name, to)), before, after)
        };
    vec![
        each("text_integer", ("text", Text, text("-12")), (INTEGER, Value::Integer(-12))),
        each("text_small", ("text", Text, text("2147483647")), (SMALL, Value::Integer(2_147_483_647))),
        each("text_real", ("text", Text, text("-1.50e3")), (Float, Value::Float(-1500.0))),
        each("text_boolean", ("text", Text, text("true")), (Bool, Value::Bool(true))),
        each(
            "text_uuid",
            ("text", Text, text("0190A1B2-0000-7000-8000-0000000000AB")),
            (Uuid, Value::Uuid(uuid)),
        ),
        each("text_date", ("text", Text, text("2026-02-28")), (Date, Value::Date(day))),
        each("text_enum", ("text", Text, text("It'sOn")), (ENUM, Value::Integer(3))),
        each("integer_text", ("integer", INTEGER, Value::Integer(-7)), (Text, text("-7"))),
        each(
            "integer_real",
            ("integer", INTEGER, Value::Integer(1 << 53)),
            (Float, Value::Float(9_007_199_254_740_992.0)),
        ),
        each("integer_boolean", ("integer", INTEGER, Value::Integer(1)), (Bool, Value::Bool(true))),
        each("integer_enum", ("integer", INTEGER, Value::Integer(3)), (ENUM, Value::Integer(3))),
        each("enum_integer", ("enum", ENUM, Value::Integer(3)), (INTEGER, Value::Integer(3))),
        each("boolean_integer", ("boolean", Bool, Value::Bool(true)), (INTEGER, Value::Integer(1))),
        each("boolean_text", ("boolean", Bool, Value::Bool(false)), (Text, text("false"))),
        each("real_integer", ("real", Float, Value::Float(-3.0)), (INTEGER, Value::Integer(-3))),
        each("real_text", ("real", Float, Value::Float(0.25)), (Text, text("0.25"))),
        each("uuid_text", ("uuid", Uuid, Value::Uuid(uuid)), (Text, text(&uuid.to_string()))),
        each("date_text", ("date", Date, Value::Date(day)), (Text, text("2026-02-28"))),
        each("date_timestamp", ("date", Date, Value::Date(day)), (Instant, Value::Timestamp(midnight))),
        each("timestamp_date", ("timestamp", Instant, Value::Timestamp(midnight)), (Date, Value::Date(day))),
        each(
            "timestamp_text",
            ("timestamp", Instant, Value::Timestamp(instant)),
            (Text, text("2026-02-28T12:30:00.000125Z")),
        ),
    ]
}

/// Values that have no counterpart: what was declared, what is, the value.
fn losses() -> Vec<(FieldDescriptor, FieldDescriptor, Value)> {
    use FieldKind::{Bool, Date, Float, Text, Timestamp as Instant, Uuid};
    let noon: Timestamp = "2026-02-28T12:00:00Z".parse().expect("it is one");
    let each = |from, kind, to, value| (nullable("it", kind), was(from, nullable("it", to)), value);
    vec![
        each("text", Text, INTEGER, text("12 ")),
        each("text", Text, INTEGER, text("99999999999999999999")),
        each("text", Text, SMALL, text("2147483648")),
        each("text", Text, Float, text("1,5")),
        each("text", Text, Bool, text("yes")),
        each("text", Text, Uuid, text("0190a1b2-0000-7000-8000-00000000000g")),
        each("text", Text, Date, text("2026-02-30")),
        each("text", Text, ENUM, text("On")),
        each("integer", INTEGER, Float, Value::Integer((1 << 53) + 1)),
        each("integer", INTEGER, Bool, Value::Integer(2)),
        each("integer", INTEGER, ENUM, Value::Integer(1)),
        each("real", Float, INTEGER, Value::Float(0.5)),
        each("real", Float, INTEGER, Value::Float(1e300)),
        each("timestamp", Instant, Date, Value::Timestamp(noon)),
    ]
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// A declaration for as long as the tests run.
fn declared(fields: Vec<FieldDescriptor>, dropped: &'static [&'static str]) -> &'static Descriptor {
    Box::leak(Box::new(Descriptor { fields: Box::leak(fields.into_boxed_slice()), dropped, ..DEVICES }))
}

fn tree(descriptor: &'static Descriptor) -> Arc<Tree> {
    Arc::new(Tree::build(&[descriptor]).expect("the tree is sound"))
}

/// A database that stores are opened on, one after the other.
enum Place {
    File(PathBuf),
    Server(Database),
    /// Tables in parts, with unique values in tables of their own.
    Partitioned(Database),
}

impl Place {
    fn open(&self) -> Arc<dyn Store> {
        match self {
            Self::File(path) => Arc::new(
                SqliteStore::open(SqliteOptions::new(path), "growth").expect("the file can be opened"),
            ),
            Self::Server(database) => Arc::new(
                PostgresStore::new(database.url().parse().expect("it is a URL"), "growth")
                    .expect("the URL is sound"),
            ),
            Self::Partitioned(database) => {
                let url = format!("{}?partitions=4", database.url());
                let options = url.parse().expect("it is a URL");
                Arc::new(PostgresStore::new(options, "growth").expect("the URL is sound"))
            }
        }
    }

    async fn with<T>(&self, act: impl AsyncFnOnce(&dyn Store) -> T) -> T {
        let store = self.open();
        let outcome = act(&*store).await;
        store.close().await;
        outcome
    }

    /// The refusal of a start, if it is one.
    async fn start(&self, descriptor: &'static Descriptor) -> Result<(), String> {
        let start = async |store: &dyn Store| store.migrate(tree(descriptor), Timestamp::UNIX_EPOCH).await;
        self.with(start).await.map_err(|error| error.description().to_owned())
    }

    async fn apply(&self, descriptor: &'static Descriptor) -> Result<(), String> {
        let apply = async |store: &dyn Store| store.apply(tree(descriptor), Timestamp::UNIX_EPOCH).await;
        self.with(apply).await.map_err(|error| error.description().to_owned())
    }

    async fn pending(&self, descriptor: &'static Descriptor) -> Vec<String> {
        let look = async |store: &dyn Store| store.pending(tree(descriptor), Timestamp::UNIX_EPOCH).await;
        self.with(look).await.expect("the database can be compared")
    }

    async fn run(&self, sql: &str) {
        match self {
            Self::File(path) => rusqlite::Connection::open(path)
                .and_then(|connection| connection.execute_batch(sql))
                .unwrap_or_else(|failure| panic!("{failure}\n{sql}")),
            Self::Server(database) | Self::Partitioned(database) => {
                let outcome = database.connect().await.batch_execute(sql).await;
                outcome.unwrap_or_else(|failure| panic!("{failure:?}\n{sql}"));
            }
        }
    }

    /// Makes the database with one row.
    async fn fill(&self, descriptor: &'static Descriptor, values: Vec<Value>) {
        self.with(async |store| {
            store.migrate(tree(descriptor), Timestamp::UNIX_EPOCH).await.expect("it is empty");
            let writes = vec![
                Write::Insert(NodeId(0), record("one", values.clone())),
                Write::Insert(NodeId(0), record("nothing", vec![Value::Null; values.len()])),
            ];
            let batch = WriteBatch { writes, ..WriteBatch::default() };
            store.commit(batch).await.expect("commits");
        })
        .await;
    }

    async fn row(&self, descriptor: &'static Descriptor, id: &str) -> Vec<Value> {
        self.with(async |store| {
            store.migrate(tree(descriptor), Timestamp::UNIX_EPOCH).await.expect("it is up to date");
            let path = Path(vec![id.into()]);
            let found = store.read(NodeId(0), &path).await.expect("it can be read");
            found.expect("the row is there").row.0.clone()
        })
        .await
    }
}

/// A file and a database, new ones each time.
async fn places() -> (tempfile::TempDir, Vec<Place>) {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let mut places = vec![Place::File(folder.path().join("growth.db"))];
    if !rest_standard_tests::postgres::is_left_out() {
        places.push(Place::Server(Database::take().await));
        places.push(Place::Partitioned(Database::take().await));
    }
    (folder, places)
}

#[tokio::test]
async fn columns_are_converted_and_no_value_is_lost() {
    let (_folder, places) = places().await;
    let all = conversions();
    let old = declared(all.iter().map(|(old, ..)| *old).collect(), &[]);
    let new = declared(all.iter().map(|(_, new, ..)| *new).collect(), &[]);
    let before: Vec<Value> = all.iter().map(|(.., before, _)| before.clone()).collect();
    let after: Vec<Value> = all.into_iter().map(|(.., after)| after).collect();
    for place in places {
        place.fill(old, before.clone()).await;
        let refused = place.start(new).await.expect_err("a start converts nothing");
        assert!(refused.contains("`migrate apply` makes them"), "{refused}");
        assert!(refused.contains("the column `text_integer` holds integer, and no longer text"), "{refused}");
        assert_eq!(place.row(old, "one").await, before, "a refused start changes nothing");
        place.apply(new).await.unwrap_or_else(|refused| panic!("{refused}"));
        assert_eq!(place.row(new, "one").await, after);
        assert_eq!(place.row(new, "nothing").await, vec![Value::Null; after.len()]);
        assert_eq!(place.pending(new).await, [""; 0]);
    }
}

#[tokio::test]
async fn a_value_without_counterpart_keeps_a_column_from_being_converted() {
    for (old, new, value) in losses() {
        let (_folder, places) = places().await;
        let (old, new) = (declared(vec![old], &[]), declared(vec![new], &[]));
        for place in places {
            place.fill(old, vec![value.clone()]).await;
            let Err(refused) = place.apply(new).await else { panic!("{value:?} was converted to {new:?}") };
            assert!(
                refused.contains("a value has no counterpart") || refused.contains("out of range"),
                "{refused}"
            );
            if let Some((_, query)) = refused.split_once("finds:\n") {
                place.run(query).await;
            }
            assert_eq!(place.row(old, "one").await, std::slice::from_ref(&value), "nothing was changed");
        }
    }
}

/// One declaration renames, drops and adds, on a table with indexes; what is printed does the same as what is applied.
#[tokio::test]
async fn columns_are_renamed_and_dropped_by_what_is_printed_and_by_apply() {
    let serial = unique(nullable("serial", FieldKind::Text));
    let level = FieldDescriptor { filter: true, order: true, ..nullable("level", FieldKind::Text) };
    let mode = nullable("mode", ENUM);
    let legacy = FieldDescriptor { filter: true, ..nullable("legacy", FieldKind::Text) };
    let old = declared(vec![serial, level, mode, legacy], &[]);
    let renamed = |name, field: FieldDescriptor| FieldDescriptor {
        name,
        column: name,
        renamed_from: Some(field.column),
        ..field
    };
    let new = declared(
        vec![
            renamed("serial_number", serial),
            was("text", FieldDescriptor { kind: INTEGER, ..renamed("volume", level) }),
            renamed("state", mode),
            FieldDescriptor {
                default: Some(|| Value::Text("red".to_owned())),
                ..required(nullable("color", FieldKind::Text))
            },
        ],
        &["legacy", "never_there"],
    );
    let before = vec![text("a-1"), text("5"), Value::Integer(3), text("gone")];
    let after = vec![text("a-1"), Value::Integer(5), Value::Integer(3), text("red")];
    for is_printed in [false, true] {
        let (_folder, places) = places().await;
        for place in places {
            place.fill(old, before.clone()).await;
            let refused = place.start(new).await.expect_err("a start renames nothing");
            for words in [
                "the column `serial` becomes `serial_number`",
                "the column `level` becomes `volume`",
                "the column `volume` holds integer, and no longer text",
                "the column `legacy` goes, with all that is in it",
            ] {
                assert!(refused.contains(words), "{words}: {refused}");
            }
            if is_printed {
                place.run(&place.pending(new).await.join("\n")).await;
            } else {
                place.apply(new).await.unwrap_or_else(|refused| panic!("{refused}"));
            }
            assert_eq!(place.pending(new).await, [""; 0]);
            assert_eq!(place.row(new, "one").await, after);
            // The value is still unique under its new name.
            let mut again = after.clone();
            again[1] = Value::Null;
            let refused = place
                .with(async |store| {
                    store.migrate(tree(new), Timestamp::UNIX_EPOCH).await.expect("it is up to date");
                    let writes = vec![Write::Insert(NodeId(0), record("two", again))];
                    store.commit(WriteBatch { writes, ..WriteBatch::default() }).await
                })
                .await;
            assert!(refused.is_err());
            // The words stay harmless once it is done, and the old release sees what it lacks.
            place.apply(new).await.expect("there is nothing to do");
        }
    }
}

/// Without a word a column is neither converted nor given up, and the refusal names the word.
#[tokio::test]
async fn what_is_not_declared_is_refused_with_the_word_for_it() {
    let (_folder, places) = places().await;
    let old = declared(
        vec![nullable("level", FieldKind::Text), required(nullable("legacy", FieldKind::Text))],
        &[],
    );
    let new = declared(vec![nullable("level", INTEGER)], &[]);
    for place in places {
        place
            .with(async |store| store.migrate(tree(old), Timestamp::UNIX_EPOCH).await)
            .await
            .expect("it is empty");
        for outcome in [place.start(new).await, place.apply(new).await] {
            let refused = outcome.expect_err("nothing says what becomes of the columns");
            assert!(refused.contains("`converted_from = text` on the field"), "{refused}");
            assert!(refused.contains("`dropped(legacy)`"), "{refused}");
        }
    }
}
