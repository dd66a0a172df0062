//! By which indexes SQLite answers each list that the device registry's declarations allow.
//!
//! The statements are the ones that the service makes, which it logs at the level `trace`. A target of its own, since
//! what is logged is gathered from the whole process.

use std::sync::{Arc, Mutex};

use device_registry::{Attribute, Device, DeviceType};
use http::StatusCode;
use rest_standard::{
    descriptor::{FieldDescriptor, FieldKind},
    resource::Resource,
    testing::TestService,
};
use rusqlite::Connection;
use serde_json::json;
use tracing::field::{Field, Visit};
use tracing_subscriber::{Layer, layer::Context, layer::SubscriberExt as _};

/// The statements that were made since they were taken last.
#[derive(Clone, Default)]
struct Statements(Arc<Mutex<Vec<String>>>);

impl Statements {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().expect("nobody panicked while logging"))
    }
}

impl<S: tracing::Subscriber> Layer<S> for Statements {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        if event.metadata().target().starts_with("rest_standard::store") {
            event.record(&mut self.clone());
        }
    }
}

impl Visit for Statements {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "sql" {
            self.0.lock().expect("nobody panicked while logging").push(value.to_owned());
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}

/// A literal that a field can be compared with.
fn literal(field: &FieldDescriptor) -> String {
    match field.kind {
        FieldKind::Text => "\"m\"".to_owned(),
        FieldKind::Bool => "true".to_owned(),
        FieldKind::Integer { .. } => "5".to_owned(),
        FieldKind::Enum(declared) => declared.variants[1].name.to_owned(),
        other => panic!("say what `{}` is compared with: {other:?}", field.name),
    }
}

struct Plans {
    statements: Statements,
    service: TestService,
    database: Connection,
}

impl Plans {
    /// How each statement of a list is carried out.
    async fn of(&self, list: &str, parameters: &[(&str, &str)]) -> Vec<String> {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(parameters);
        let _ = self.statements.take();
        let address = format!("/api/v1/{list}?{}", query.finish());
        let _ = self.service.get(&address).await.assert_status(StatusCode::OK.as_u16());
        let plans: Vec<_> = self.statements.take().iter().map(|sql| self.explain(sql)).collect();
        assert!(!plans.is_empty(), "{address} made no statement");
        plans
    }

    fn explain(&self, sql: &str) -> String {
        let mut statement = self.database.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).expect("it is SQL");
        let mut rows = statement.raw_query();
        let mut plan = format!("{sql}\n");
        while let Some(row) = rows.next().expect("a plan") {
            plan.push_str(&format!("{}\n", row.get::<_, String>(3).expect("a line of it")));
        }
        plan
    }
}

/// Asserts that nothing but an index is read, and below a parent only its part.
fn is_indexed(plan: &str, has_parent: bool) {
    for line in plan.lines().skip(1).filter(|line| !line.contains("VIRTUAL TABLE")) {
        let is_whole =
            line.starts_with("SCAN") && !line.starts_with("SCAN (subquery") && !line.contains("CONSTANT ROW");
        assert!(!is_whole || (!has_parent && line.contains("INDEX")), "{plan}");
    }
    // A unique value is narrower than a parent: it has one row.
    let is_one = plan.lines().any(|line| line.contains(".unique (") && line.ends_with("=?)"));
    let is_below = !has_parent || is_one || plan.contains("device_types_id=?");
    assert!(plan.contains("INDEX") && is_below, "{plan}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_declared_filter_and_order_is_answered_by_an_index() {
    let statements = Statements::default();
    let subscriber = tracing_subscriber::registry().with(statements.clone());
    tracing::subscriber::set_global_default(subscriber).expect("the only test of this target");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("registry.db");
    let service = TestService::sqlite_at(device_registry::service(), &path).await;
    let body = json!({"id": "siren", "displayName": "Siren"});
    let _ = service.client().post("/api/v1/device-types", body).await;
    for number in 0..20 {
        let body =
            json!({"displayName": format!("D {number}"), "owner": "ada", "serialNumber": number.to_string()});
        let _ = service.client().post("/api/v1/device-types/siren/devices", body).await.assert_status(201);
        let body =
            json!({"id": format!("a{number}"), "displayName": format!("A {number}"), "isRequired": true});
        let _ = service.client().post("/api/v1/device-types/siren/attributes", body).await.assert_status(201);
    }
    let database = Connection::open(&path).expect("the file is there");
    let plans = Plans { statements, service, database };
    let mut walked = 0;
    for (list, table, fields) in [
        ("device-types", "device_types", DeviceType::DESCRIPTOR.fields),
        ("device-types/siren/attributes", "device_types__attributes", Attribute::DESCRIPTOR.fields),
        ("device-types/siren/devices", "device_types__devices", Device::DESCRIPTOR.fields),
    ] {
        let has_parent = list.contains('/');
        for field in fields.iter().filter(|field| field.filter || field.order) {
            let (name, own) = (field.name, format!("{table}.{}", field.column));
            if !field.kind.is_single() {
                // What is in a list is in no index: the parent's part of the key's is read.
                for plan in plans.of(list, &[("$filter", &format!("{name}:\"m\""))]).await {
                    is_indexed(&plan, has_parent);
                }
                continue;
            }
            walked += 1;
            let value = literal(field);
            let compared = |comparator: &str| format!("{name} {comparator} {value}");
            if field.filter {
                let bare = value.trim_matches('"');
                for plan in plans.of(list, &[(name, bare), ("$count", "true")]).await {
                    is_indexed(&plan, has_parent);
                    assert!(plan.contains(&own), "an equality parameter by another index: {plan}");
                }
                for plan in plans.of(list, &[("$filter", &compared("="))]).await {
                    is_indexed(&plan, has_parent);
                    assert!(plan.contains(&own), "an equality by another index: {plan}");
                }
                if !matches!(field.kind, FieldKind::Bool) {
                    for plan in plans.of(list, &[("$filter", &compared(">"))]).await {
                        is_indexed(&plan, has_parent);
                    }
                }
            }
            if field.order {
                for direction in ["asc", "desc"] {
                    for plan in plans
                        .of(list, &[("$orderBy", &format!("{name} {direction}")), ("$count", "false")])
                        .await
                    {
                        is_indexed(&plan, has_parent);
                        assert!(
                            plan.contains(&own) && !plan.contains("TEMP B-TREE"),
                            "an order by another index: {plan}"
                        );
                    }
                }
            }
            if field.filter && field.order && !matches!(field.kind, FieldKind::Bool) {
                let prefix = format!("{name} = \"m*\"");
                let tests = if matches!(field.kind, FieldKind::Text) {
                    vec![compared(">="), prefix]
                } else {
                    vec![compared(">=")]
                };
                for test in tests {
                    for plan in
                        plans.of(list, &[("$filter", &test), ("$orderBy", name), ("$count", "false")]).await
                    {
                        is_indexed(&plan, has_parent);
                        assert!(
                            plan.contains(&own) && plan.contains(&format!("{}>", field.column)),
                            "a range by another index: {plan}"
                        );
                    }
                }
            }
        }
        // The framework's times are in no index, which each write would pay for: below a parent its resources are sorted,
        // at the root the whole table is.
        let names: &[&str] = if has_parent { &["id", "createdAt", "updatedAt"] } else { &["id"] };
        for &name in names {
            for plan in plans.of(list, &[("$orderBy", name)]).await {
                is_indexed(&plan, has_parent);
            }
        }
    }
    assert!(walked >= 12, "{walked}");
}
