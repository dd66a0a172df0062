//! What the conformance suite, which sees a store from outside, does not say of this one.

use super::{compare::compare, *};
use crate::{
    descriptor::{Descriptor, IdKind, Methods, Shape},
    tree::CHANGE,
    value::Row,
};

static NOTE: Descriptor = Descriptor {
    name: "Note",
    segment: "notes",
    shape: Shape::Collection(IdKind::Integer),
    methods: Methods::ALL,
    ..CHANGE
};

fn tree(descriptors: &[&'static Descriptor]) -> Arc<Tree> {
    Arc::new(Tree::build(descriptors).expect("the tree is sound"))
}

fn note() -> Record {
    Record {
        path: Path(vec![Id::Integer(1)]),
        revision: 1,
        incarnation: 1,
        change_count: 0,
        created_at: Timestamp::UNIX_EPOCH,
        created_by: None,
        updated_at: Timestamp::UNIX_EPOCH,
        updated_by: None,
        deletion: None,
        row: Row(vec![Value::Null; NOTE.fields.len()]),
    }
}

#[tokio::test]
async fn nothing_works_before_migrate() {
    let store = MemoryStore::new();
    assert!(store.ready().await.is_err());
    assert!(store.read(NodeId(0), &Path::default()).await.is_err());
    assert!(matches!(store.commit(WriteBatch::default()).await, Err(Conflict::Store(_))));
}

#[tokio::test]
async fn a_second_start_finds_what_the_first_left() {
    let store = MemoryStore::new();
    store.migrate(tree(&[&NOTE]), Timestamp::UNIX_EPOCH).await.expect("it is empty");
    let writes = vec![crate::store::Write::Insert(NodeId(0), note())];
    store.commit(WriteBatch { writes, ..WriteBatch::default() }).await.expect("commits");
    store.migrate(tree(&[&NOTE]), Timestamp::MAX).await.expect("it is the same tree");
    assert_eq!(store.read(NodeId(0), &note().path).await.expect("reads").as_deref(), Some(&note()));
    assert_eq!(store.created_at().await.expect("answers"), Timestamp::UNIX_EPOCH);
    assert!(store.migrate(tree(&[]), Timestamp::MAX).await.is_err());
}

#[test]
fn the_order_of_values_is_total() {
    let in_order = [
        Value::Null,
        Value::Bool(false),
        Value::Bool(true),
        Value::Integer(-1),
        Value::Integer(1),
        Value::Float(-0.5),
        Value::Float(0.5),
        Value::Text("\u{fffd}".to_owned()),
        Value::Text("\u{1f600}".to_owned()),
    ];
    for (at, a) in in_order.iter().enumerate() {
        for (other, b) in in_order.iter().enumerate() {
            assert_eq!(compare(a, b), at.cmp(&other), "{a:?} {b:?}");
        }
    }
}

#[test]
fn zero_and_negative_zero_are_equal() {
    assert!(compare(&Value::Float(-0.0), &Value::Float(0.0)).is_eq());
}
