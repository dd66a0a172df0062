//! Whether a condition holds for a record: what every other store's rendering is measured by.

use std::cmp::Ordering;

use serde_json::Value as Json;

use super::compare::compare;
use crate::{
    codec::from_stored_json,
    descriptor::FieldKind,
    store::{Condition, Place, Record, Step, Test},
    value::Value,
};

pub(super) fn holds(condition: &Condition, record: &Record) -> bool {
    match condition {
        Condition::All(conditions) => conditions.iter().all(|condition| holds(condition, record)),
        Condition::Any(conditions) => conditions.iter().any(|condition| holds(condition, record)),
        Condition::Not(condition) => !holds(condition, record),
        Condition::Test(place, test) => place_passes(place, test, record),
    }
}

fn place_passes(place: &Place, test: &Test, record: &Record) -> bool {
    let value = place.column.value(record);
    match (place.steps.as_slice(), &value) {
        ([], value) => passes(test, value),
        (steps, Value::Json(json)) => json_passes(steps, place.kind, test, json),
        _ => false,
    }
}

fn json_passes(steps: &[Step], kind: FieldKind, test: &Test, json: &Json) -> bool {
    match (steps, json) {
        ([], json) => from_stored_json(kind, json.clone()).is_ok_and(|value| passes(test, &value)),
        ([Step::Element, rest @ ..], Json::Array(items)) => {
            items.iter().any(|item| json_passes(rest, kind, test, item))
        }
        ([Step::Member(name), rest @ ..], Json::Object(members)) => {
            members.get(*name).is_some_and(|member| json_passes(rest, kind, test, member))
        }
        ([Step::Key(name), rest @ ..], Json::Object(members)) => {
            members.get(name).is_some_and(|member| json_passes(rest, kind, test, member))
        }
        _ => false,
    }
}

fn passes(test: &Test, value: &Value) -> bool {
    if value.is_null() {
        return false;
    }
    let order = |other: &Value| compare(value, other);
    let text = |text: fn(&str, &str) -> bool, wanted: &str| matches!(value, Value::Text(found) if text(found, wanted));
    match test {
        Test::Present => true,
        Test::Filled => match value {
            Value::Json(Json::Array(items)) => !items.is_empty(),
            Value::Json(Json::Object(members)) => !members.is_empty(),
            _ => false,
        },
        Test::Equal(other) => order(other) == Ordering::Equal,
        Test::Less(other) => order(other) == Ordering::Less,
        Test::AtMost(other) => order(other) != Ordering::Greater,
        Test::Greater(other) => order(other) == Ordering::Greater,
        Test::AtLeast(other) => order(other) != Ordering::Less,
        Test::StartsWith(wanted) => text(|found, wanted| found.starts_with(wanted), wanted),
        Test::EndsWith(wanted) => text(|found, wanted| found.ends_with(wanted), wanted),
        Test::Contains(wanted) => text(|found, wanted| found.contains(wanted), wanted),
    }
}
