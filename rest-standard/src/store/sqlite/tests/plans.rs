//! Which index serves a list, and which columns its statements read.

use super::*;

#[tokio::test]
async fn the_usual_lists_are_served_by_an_index_without_sorting() {
    use crate::store::sql::{render, statements::Layout};
    let (fixture, parent, devices) = filled().await;
    let layout = Layout::new(tree(), crate::store::sql::Dialect::Sqlite);
    let node = fixture.node(&DEVICE);
    let table = layout.table(node).unwrap();
    let connection = fixture.sql();
    connection.execute_batch("ANALYZE").unwrap();
    let values = |columns: &[Column]| Some(columns.iter().map(|column| column.value(&devices[50])).collect());
    let ascending = |column| vec![(column, Direction::Ascending)];
    let all = scan(node, &parent);
    let scans = [
        all.clone(),
        Scan { after: values(&[Column::Id]), ..all.clone() },
        Scan { order: vec![(Column::Id, Direction::Descending)], ..all.clone() },
        Scan { order: ascending(Column::Field(0)), ..all.clone() },
        Scan {
            order: ascending(Column::Field(0)),
            after: values(&[Column::Field(0), Column::Id]),
            ..all.clone()
        },
        Scan {
            order: ascending(Column::Field(1)),
            after: values(&[Column::Field(1), Column::Id]),
            ..all.clone()
        },
        Scan { order: vec![(Column::Field(1), Direction::Descending)], ..all.clone() },
        Scan { equals: vec![(Column::Field(1), text("ann"))], ..all.clone() },
        Scan { equals: vec![(Column::Field(1), text("ann"))], after: values(&[Column::Id]), ..all.clone() },
    ];
    for scan in scans {
        let extent = Extent::Whole;
        for range in render::ranges(table, &scan).unwrap() {
            let query = match range.walked_column(table, &scan) {
                Some(_) => render::walk(table, &scan, &extent, &range, 51).unwrap(),
                None => render::page(table, &scan, &extent, &range, 51, 0).unwrap(),
            };
            let plan = plan(&connection, &query.sql);
            assert!(plan.contains("USING INDEX") && !plan.contains("SCAN"), "{}\n{plan}", query.sql);
            assert!(!plan.contains("TEMP B-TREE"), "{}\n{plan}", query.sql);
        }
    }
    for sql in [&*table.read, &table.state, &table.delete, &table.find_unique(3)] {
        let plan = plan(&connection, sql);
        assert!(!plan.contains("SCAN"), "{sql}\n{plan}");
    }
}

#[tokio::test]
async fn an_excerpt_is_read_from_its_own_columns_alone() {
    let (fixture, parent, devices) = filled().await;
    let fixture = fixture.reopened().await;
    let node = fixture.node(&DEVICE);
    // Whoever reads the other columns stumbles over what is in them.
    let table = &fixture.tree.node(node).table;
    let spoil = format!("UPDATE \"{table}\" SET \"created_at\" = 'x', \"updated_at\" = 'x'");
    fixture.sql().execute_batch(&spoil).unwrap();
    let path = &devices[7].path;
    let only = |columns: &[Column]| Extent::only(columns.iter().copied());
    let owner = Column::Field(1);
    let excerpt = fixture.store.read_excerpt(node, path, &only(&[owner])).await.unwrap().unwrap();
    assert_eq!(excerpt.field(1), Some(&devices[7].row.0[1]));
    assert_eq!((excerpt.path(), excerpt.revision()), (path, devices[7].revision));
    assert!(excerpt.field(0).is_none() && excerpt.created_at().is_none() && excerpt.whole().is_none());
    let order = vec![(Column::Field(2), Direction::Descending)];
    let list = Scan { order, limit: 17, ..scan(node, &parent) };
    let page = fixture.store.scan_excerpts(&list, &only(&[owner, Column::Field(2)])).await.unwrap();
    let expected = sorted(devices.clone(), &list.order);
    let found: Vec<_> = page.records.iter().map(|excerpt| excerpt.path().id().unwrap().clone()).collect();
    assert_eq!((found, page.more), (expected[..17].to_vec(), true));
    // The part was not kept as if it were the row.
    assert!(fixture.store.read(node, path).await.is_err());
    assert!(fixture.store.scan(&list).await.is_err());
    assert!(fixture.store.read_excerpt(node, path, &only(&[Column::CreatedAt])).await.is_err());
    let _ = fixture.store.scan_excerpts(&list, &only(&[owner])).await.unwrap_err();
}

#[test]
fn statements_name_the_columns_that_are_read_in_one_order() {
    use crate::store::sql::statements::Layout;
    let (tree, layout) = (tree(), Layout::new(tree(), crate::store::sql::Dialect::Sqlite));
    let table = |descriptor, is_log| {
        let node = tree.find(descriptor).unwrap();
        layout.table(if is_log { node.changes.unwrap() } else { node.id }).unwrap()
    };
    let only = |columns: &[Column]| Extent::only(columns.iter().copied());
    let device = table(&DEVICE, false);
    for (columns, expected) in [
        (vec![], r#""_revision""#),
        (vec![Column::Id], r#""_revision""#),
        (
            vec![Column::Field(2), Column::Field(0), Column::Field(2)],
            r#""_revision", "display_name", "volume""#,
        ),
        (
            vec![Column::Field(1), Column::UpdatedBy, Column::CreatedAt],
            r#""created_at", "updated_by", "_revision", "owner""#,
        ),
    ] {
        let extent = only(&columns);
        assert_eq!(device.columns(&extent), expected);
        let sql = device.render_read(&extent);
        assert!(sql.starts_with(&format!("SELECT {expected} FROM ")), "{sql}");
    }
    let log = table(&DEVICE, true);
    assert_eq!(
        log.columns(&only(&[Column::UpdatedAt, Column::Field(1)])),
        r#""created_at", "_incarnation", "method""#
    );
    assert_eq!(device.columns(&Extent::Whole).matches('"').count(), 2 * 12);
}
