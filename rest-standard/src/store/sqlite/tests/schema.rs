//! What a start adds to a database, and what stops it.

use super::*;

static DEVICE_WITH_MORE: Descriptor = Descriptor {
    fields: &[
        field("displayName", "display_name", FieldKind::Text),
        FieldDescriptor { nullable: true, order: true, ..field("note", "note", FieldKind::Text) },
        FieldDescriptor {
            default: Some(|| Value::Text("it's".to_owned())),
            filter: true,
            ..field("color", "color", FieldKind::Text)
        },
        FieldDescriptor { nullable: true, unique: true, ..field("code", "code", FieldKind::Text) },
        field("mode", "mode", FieldKind::Enum(&MORE_MODES)),
    ],
    ..resource("Vendor", "vendors", Shape::Collection(IdKind::Slug))
};

static VENDOR_WITH_REQUIRED: Descriptor = Descriptor {
    fields: &[
        field("displayName", "display_name", FieldKind::Text),
        field("country", "country", FieldKind::Text),
    ],
    ..resource("Vendor", "vendors", Shape::Collection(IdKind::Slug))
};

async fn migrated(folder: &TempDir, descriptors: &[&'static Descriptor]) -> Result<SqliteStore, String> {
    let store = SqliteStore::open(options(folder), SERVICE).unwrap();
    match store.migrate(tree_of(descriptors), instant(1)).await {
        Ok(()) => Ok(store),
        Err(error) => Err(error.description().to_owned()),
    }
}

/// The start is refused with `words`; what the text says to do makes the next start succeed.
async fn refused_and_mended(folder: &TempDir, descriptors: &[&'static Descriptor], words: &str) {
    let text = migrated(folder, descriptors).await.unwrap_err();
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
    let connection = Connection::open(folder.path().join("test.db")).unwrap();
    connection.execute_batch(&sql.join("\n")).unwrap_or_else(|failure| panic!("{failure}\n{text}"));
    connection.execute_batch("PRAGMA foreign_key_check; PRAGMA integrity_check").unwrap();
    drop(connection);
    if let Err(text) = migrated(folder, descriptors).await {
        panic!("still: {text}");
    }
}

#[tokio::test]
async fn what_only_adds_is_done_at_start() {
    let folder = changed_behind("").await;
    let store = migrated(&folder, &[&DEVICE_WITH_MORE]).await.unwrap();
    let row = store.read(NodeId(0), &vendor("acme").path).await.unwrap().unwrap();
    assert_eq!(row.row.0, [text("acme"), Value::Null, text("it's"), Value::Null, Value::Integer(0)]);
    let mut twice = [vendor("a"), vendor("b")];
    for record in &mut twice {
        let code = text("c");
        record.row = Row(vec![text("x"), Value::Null, text("red"), code, Value::Integer(2)]);
    }
    let [first, second] = twice;
    store.commit(writes([Write::Insert(NodeId(0), first)])).await.unwrap();
    let refused = store.commit(writes([Write::Insert(NodeId(0), second)])).await.unwrap_err();
    assert_eq!(name(&refused), "Unique");
    drop(store);
    migrated(&folder, &[&DEVICE_WITH_MORE]).await.unwrap();
    // The release before still runs on it: its rows need none of the new columns.
    let store = migrated(&folder, &[&VENDOR]).await.unwrap();
    store.commit(writes([Write::Insert(NodeId(0), vendor("older"))])).await.unwrap();
    let updated = Record { revision: 2, ..vendor("a") };
    store.commit(writes([Write::Update(NodeId(0), updated)])).await.unwrap();
    drop(store);
    let connection = Connection::open(folder.path().join("test.db")).unwrap();
    let color: String =
        connection.query_row("SELECT color FROM vendors WHERE id = 'a'", [], |row| row.get(0)).unwrap();
    assert_eq!(color, "red");
}

/// What is printed for an operator is all that a start would do: afterwards nothing is left to do.
#[tokio::test]
async fn the_pending_sql_brings_a_database_up() {
    static SEARCHED: Descriptor = Descriptor {
        fields: &[
            FieldDescriptor { search: true, ..field("displayName", "display_name", FieldKind::Text) },
            field("mode", "mode", FieldKind::Enum(&MODE)),
        ],
        ..resource("Note", "notes", Shape::Collection(IdKind::Slug))
    };
    static GROWN: Descriptor = Descriptor {
        fields: &[SEARCHED.fields[0], field("mode", "mode", FieldKind::Enum(&MORE_MODES))],
        ..SEARCHED
    };
    let folder = tempfile::tempdir().unwrap();
    for descriptors in [&[&VENDOR, &SEARCHED], &[&DEVICE_WITH_MORE, &GROWN]] {
        let store = SqliteStore::open(options(&folder), SERVICE).unwrap();
        let pending = store.pending(tree_of(descriptors), instant(1)).await.unwrap();
        assert_eq!(store.pending(tree_of(descriptors), instant(1)).await.unwrap().len(), pending.len());
        store.close().await;
        drop(store);
        let connection = Connection::open(folder.path().join("test.db")).unwrap();
        connection
            .execute_batch(&pending.join("\n"))
            .unwrap_or_else(|failure| panic!("{failure}: {pending:#?}"));
        connection.execute_batch("PRAGMA integrity_check").unwrap();
        drop(connection);
        let store = SqliteStore::open(options(&folder), SERVICE).unwrap();
        assert_eq!(store.pending(tree_of(descriptors), instant(1)).await.unwrap(), [""; 0], "{pending:#?}");
        store.migrate(tree_of(descriptors), instant(1)).await.unwrap();
        store.close().await;
    }
    let store = migrated(&folder, &[&DEVICE_WITH_MORE, &GROWN]).await.unwrap();
    let note = Record { row: Row(vec![text("hello"), Value::Integer(2)]), ..vendor("a") };
    store.commit(writes([Write::Insert(NodeId(1), note)])).await.unwrap();
}

#[tokio::test]
async fn extra_tables_and_columns_are_left_alone() {
    let folder = changed_behind(
        "ALTER TABLE vendors ADD COLUMN extra TEXT; ALTER TABLE vendors ADD COLUMN level INTEGER NOT NULL DEFAULT 3;
         UPDATE vendors SET extra = 'kept'; CREATE TABLE mine (a, b); CREATE INDEX mine_too ON vendors (extra)",
    )
    .await;
    let store = migrated(&folder, &[&VENDOR]).await.unwrap();
    let updated = Record { revision: 2, ..vendor("acme") };
    store.commit(writes([Write::Update(NodeId(0), updated)])).await.unwrap();
    drop(store);
    let connection = Connection::open(folder.path().join("test.db")).unwrap();
    let kept: String =
        connection.query_row("SELECT extra || level FROM vendors", [], |row| row.get(0)).unwrap();
    assert_eq!(kept, "kept3");
}

#[tokio::test]
async fn an_enum_grows_in_place_and_shrinks_only_over_unused_variants() {
    static GROWN: Descriptor =
        Descriptor { fields: &[field("mode", "mode", FieldKind::Enum(&MORE_MODES))], ..STATE_ALONE };
    static SHRUNK: Descriptor =
        Descriptor { fields: &[field("mode", "mode", FieldKind::Enum(&MODE))], ..STATE_ALONE };
    const STATE_ALONE: Descriptor = resource("Switch", "switches", Shape::Collection(IdKind::Slug));
    let folder = tempfile::tempdir().unwrap();
    let switch =
        |id: &str, mode| Write::Insert(NodeId(0), record(Path(vec![id.into()]), vec![Value::Integer(mode)]));
    let store = migrated(&folder, &[&SHRUNK]).await.unwrap();
    store.commit(writes([switch("a", 1)])).await.unwrap();
    let refused = store.commit(writes([switch("b", 2)])).await.unwrap_err();
    assert_eq!(name(&refused), "Internal");
    drop(store);
    let store = migrated(&folder, &[&GROWN]).await.unwrap();
    store.commit(writes([switch("b", 2)])).await.unwrap();
    assert_eq!(name(&store.commit(writes([switch("c", 3)])).await.unwrap_err()), "Internal");
    drop(store);
    refused_and_mended(&folder, &[&SHRUNK], "holds variants that the enum no longer has").await;
    let store = migrated(&folder, &[&SHRUNK]).await.unwrap();
    let page = store.scan(&scan(NodeId(0), &Path::default())).await.unwrap();
    let modes: Vec<_> = page.records.iter().map(|record| record.row.0[0].clone()).collect();
    assert_eq!(modes, [Value::Integer(1), Value::Integer(0)]);
}

#[tokio::test]
async fn a_required_field_without_default_needs_a_value_for_the_rows_that_exist() {
    let folder = changed_behind("").await;
    refused_and_mended(&folder, &[&VENDOR_WITH_REQUIRED], "the required field `country` has no column").await;
    let folder = changed_behind("DELETE FROM vendors").await;
    migrated(&folder, &[&VENDOR_WITH_REQUIRED]).await.unwrap();
}

#[tokio::test]
async fn every_other_difference_stops_the_start_and_can_be_mended() {
    static BY_NUMBER: Descriptor = Descriptor {
        fields: &[field("displayName", "display_name", INTEGER)],
        ..resource("Vendor", "vendors", Shape::Collection(IdKind::Slug))
    };
    static BY_UUID: Descriptor =
        Descriptor { ..resource("Vendor", "vendors", Shape::Collection(IdKind::Uuid)) };
    static OPTIONAL: Descriptor = Descriptor {
        fields: &[FieldDescriptor {
            nullable: true,
            ..field("displayName", "display_name", FieldKind::Text)
        }],
        ..resource("Vendor", "vendors", Shape::Collection(IdKind::Slug))
    };
    static UNIQUE: Descriptor = Descriptor {
        fields: &[FieldDescriptor { unique: true, ..field("displayName", "display_name", FieldKind::Text) }],
        ..resource("Vendor", "vendors", Shape::Collection(IdKind::Slug))
    };
    let folder = changed_behind("").await;
    refused_and_mended(&folder, &[&BY_NUMBER], "the column `display_name` is TEXT, declared is INTEGER")
        .await;
    let folder = changed_behind("").await;
    refused_and_mended(
        &folder,
        &[&OPTIONAL],
        "the column `display_name` is NOT NULL, but the field is optional",
    )
    .await;
    refused_and_mended(
        &folder,
        &[&VENDOR],
        "the column `display_name` allows NULL, but the field is required",
    )
    .await;
    let text = migrated(&folder, &[&BY_UUID]).await.unwrap_err();
    assert!(text.contains("the column `id` holds slug, declared is uuid"), "{text}");
    assert!(text.contains("the column `display_name` is not declared"), "{text}");
    migrated(&folder, &[&UNIQUE]).await.unwrap();
    refused_and_mended(&folder, &[&VENDOR], "the column `display_name` is unique, but the field is not")
        .await;
    let again = "INSERT INTO vendors SELECT 'again', created_at, created_by, updated_at, updated_by, _revision, \
                 _incarnation, _changes, display_name FROM vendors";
    Connection::open(folder.path().join("test.db")).unwrap().execute_batch(again).unwrap();
    let text = migrated(&folder, &[&UNIQUE]).await.unwrap_err();
    assert!(text.contains("the field `displayName` is unique") || text.contains("values repeat"), "{text}");
}

#[tokio::test]
async fn a_table_without_its_keys_can_be_rebuilt() {
    let folder = changed_behind(
        "INSERT INTO vendors__devices SELECT 'acme', '00000000-0000-0000-0000-000000000001', created_at, created_by,
            updated_at, updated_by, 1, 2, 0, 'n', NULL, 5, 's', NULL FROM vendors;
         CREATE TABLE copied AS SELECT *, 'kept' AS extra FROM vendors__devices;
         PRAGMA foreign_keys = OFF; DROP TABLE vendors__devices; ALTER TABLE copied RENAME TO vendors__devices",
    )
    .await;
    let all: [&'static Descriptor; 5] = [&VENDOR, &DEVICE, &STATE, &EVENT, &SETTINGS];
    refused_and_mended(&folder, &all, "the primary key is not (vendors_id, id)").await;
    let kept: String = Connection::open(folder.path().join("test.db"))
        .unwrap()
        .query_row("SELECT extra FROM vendors__devices", [], |row| row.get(0))
        .unwrap();
    assert_eq!(kept, "kept");
}

#[tokio::test]
async fn a_refused_start_changes_nothing() {
    static BOTH: Descriptor = Descriptor {
        fields: &[
            FieldDescriptor { nullable: true, ..field("note", "note", FieldKind::Text) },
            field("displayName", "display_name", INTEGER),
        ],
        ..resource("Vendor", "vendors", Shape::Collection(IdKind::Slug))
    };
    let folder = changed_behind("").await;
    migrated(&folder, &[&BOTH]).await.unwrap_err();
    let columns: i64 = Connection::open(folder.path().join("test.db"))
        .unwrap()
        .query_row("SELECT count(*) FROM pragma_table_info('vendors') WHERE name = 'note'", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!(columns, 0);
    migrated(&folder, &[&VENDOR]).await.unwrap();
}
