//! How SQLite carries out the filters and orders that the device registry declares: by an index, each of them.

use std::sync::Arc;

use device_registry::{Attribute, Device, DeviceState, DeviceType, Site, StateMachine};
use rest_standard::{
    descriptor::{FieldDescriptor, FieldKind},
    resource::Resource,
    store::{
        Column, Condition, Direction, Place, Scan, Scope, Test,
        sqlite::{SqliteOptions, SqliteStore},
    },
    testing::TestService,
    tree::{Node, Tree},
    value::{Id, Path, Value},
};
use uuid::Uuid;

/// The registry on SQLite with its sample data, the store behind it, and its tree.
async fn registry() -> (TestService, Arc<SqliteStore>, Tree, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let options = SqliteOptions::new(folder.path().join("registry.db"));
    let store = Arc::new(SqliteStore::open(options, "device-registry").expect("it opens"));
    let service = TestService::with(device_registry::service(), Arc::clone(&store) as _).await;
    let tree = Tree::build(&[
        Site::DESCRIPTOR,
        DeviceType::DESCRIPTOR,
        StateMachine::DESCRIPTOR,
        Attribute::DESCRIPTOR,
        Device::DESCRIPTOR,
        DeviceState::DESCRIPTOR,
    ]);
    (service, store, tree.expect("the registry's tree"), folder)
}

fn scan(node: &Node) -> Scan {
    let above = vec![Id::Slug("house-alarm".to_owned()); node.depth - 1];
    Scan { live: node.descriptor.soft_delete.is_some(), ..Scan::all(node.id, Scope::Below(Path(above)), 50) }
}

fn some(kind: FieldKind) -> Value {
    match kind {
        FieldKind::Bool => Value::Bool(true),
        FieldKind::Integer { .. } | FieldKind::Enum(_) => Value::Integer(1),
        FieldKind::Text => Value::Text("HA-00".to_owned()),
        other => panic!("the registry has no filter by {other:?}"),
    }
}

fn id(node: &Node) -> Value {
    match node.id_kind() {
        Some(rest_standard::descriptor::IdKind::Uuid) => Value::Uuid(Uuid::max()),
        _ => Value::Text("m".to_owned()),
    }
}

fn test(field: usize, kind: FieldKind, test: Test) -> Condition {
    Condition::Test(Place { column: Column::Field(field), steps: Vec::new(), kind }, test)
}

/// Asserts that every statement of the scan searches an index that begins with the parent and the column, or is of the
/// column alone, and that none sorts where the index has the order.
fn assert_index(store: &SqliteStore, scan: &Scan, field: &FieldDescriptor, what: &str) {
    let plan = store.explain(scan).expect("a plan");
    let shown = format!("{what} of `{}`: {plan:#?}", field.column);
    assert!(
        !plan.is_empty()
            && plan.iter().all(|line| line.starts_with("SEARCH ") || line.contains("USING INDEX")),
        "{shown}"
    );
    let index = format!(".{}", field.column);
    assert!(plan.iter().all(|line| line.contains(&index)), "{shown}");
    assert!(!plan.iter().any(|line| line.contains("TEMP B-TREE")), "{shown}");
}

#[tokio::test]
async fn every_declared_filter_and_order_of_the_registry_uses_its_index() {
    let (_service, store, tree, _folder) = registry().await;
    let mut seen = 0;
    for node in tree.nodes().iter().filter(|node| node.id_kind().is_some() && !node.is_change_log) {
        let fields = node.descriptor.fields.iter().enumerate().filter(|(_, field)| field.kind.is_single());
        for (index, field) in fields {
            let (column, plain) = (Column::Field(index), scan(node));
            if field.filter {
                let value = some(field.kind);
                assert_index(
                    &store,
                    &Scan { equals: vec![(column, value.clone())], ..plain.clone() },
                    field,
                    "equality",
                );
                let mut tests = vec![Test::Equal(value.clone())];
                // A range that is not listed in its own order may be read along the ids instead, and be filtered.
                tests.extend(field.order.then(|| Test::Greater(value.clone())));
                if matches!(field.kind, FieldKind::Text) {
                    tests.push(Test::StartsWith("HA-00".to_owned()));
                }
                for test in tests {
                    let what = format!("{test:?}");
                    let filter = Some(self::test(index, field.kind, test));
                    // Ordered by the field itself, so that a range of the index is the page.
                    let order = if field.order { vec![(column, Direction::Ascending)] } else { Vec::new() };
                    let plan = store.explain(&Scan { filter, order, ..plain.clone() }).expect("a plan");
                    let shown = format!("{what} of `{}`: {plan:#?}", field.column);
                    assert!(
                        plan.iter().any(|line| line.starts_with("SEARCH ")
                            && line.contains(&format!(".{}", field.column))),
                        "{shown}"
                    );
                }
                seen += 1;
            }
            if field.order {
                for direction in [Direction::Ascending, Direction::Descending] {
                    let order = vec![(column, direction)];
                    assert_index(&store, &Scan { order: order.clone(), ..plain.clone() }, field, "order");
                    let after = Some(vec![some(field.kind), id(node)]);
                    assert_index(&store, &Scan { order, after, ..plain.clone() }, field, "a later page");
                }
                seen += 1;
            }
        }
    }
    assert!(seen > 15, "the registry declares filters and orders: {seen}");
}

#[tokio::test]
async fn a_filter_by_a_list_looks_no_further_than_its_parent() {
    let (_service, store, tree, _folder) = registry().await;
    let node = tree.find(Device::DESCRIPTOR).expect("devices");
    let tags = node.descriptor.field("tags").expect("tags");
    let place = Place {
        column: Column::Field(tags),
        steps: vec![rest_standard::store::Step::Element],
        kind: FieldKind::Text,
    };
    let filter = Some(Condition::Test(place, Test::Equal(Value::Text("attic".to_owned()))));
    let plan = store.explain(&Scan { filter, ..scan(node) }).expect("a plan");
    assert!(plan[0].starts_with("SEARCH ") && plan[0].ends_with("(device_types_id=?)"), "{plan:#?}");
}

#[tokio::test]
async fn a_declared_index_serves_a_filter_and_an_order_together() {
    let (_service, store, tree, _folder) = registry().await;
    let node = tree.find(Device::DESCRIPTOR).expect("devices");
    let field = |name: &str| {
        Column::Field(node.descriptor.fields.iter().position(|field| field.name == name).expect("a field"))
    };
    let (volume, name) = (field("volume"), field("displayName"));
    for direction in [Direction::Ascending, Direction::Descending] {
        let order = vec![(name, direction)];
        // Those of one name are sorted by their ids, which come the other way.
        let equals = vec![(volume, Value::Integer(7))];
        let plan = store.explain(&Scan { equals, order, ..scan(node) }).expect("a plan");
        let serves =
            |line: &String| line.contains(".volume.display_name") || line.contains("LAST TERM OF ORDER BY");
        assert!(plan.iter().all(serves), "{plan:#?}");
    }
}

#[tokio::test]
async fn a_list_across_parents_is_read_in_the_order_of_its_key() {
    let (_service, store, tree, _folder) = registry().await;
    let node = tree.find(Device::DESCRIPTOR).expect("devices");
    let order = vec![(Column::Above(0), Direction::Ascending)];
    let across = Scan { scope: Scope::Across(Path::default()), order, ..scan(node) };
    let plan = store.explain(&across).expect("a plan");
    assert!(!plan.iter().any(|line| line.contains("TEMP B-TREE")), "{plan:#?}");
    let after = Some(vec![Value::Text("house-alarm".to_owned()), Value::Uuid(Uuid::nil())]);
    let plan = store.explain(&Scan { after, ..across }).expect("a plan");
    assert!(plan.iter().all(|line| line.starts_with("SEARCH ")), "{plan:#?}");
}
