//! JSON Patch (RFC 6902) within bounds: a small patch must not grow a large document, nor look at what is hidden.

use ::json_patch::{Patch, PatchOperation};
use serde_json::Value as Json;

use crate::{
    codec::contains_hidden,
    descriptor::FieldDescriptor,
    error::{Error, Fault, Reason, Result},
    validate::{FRAMEWORK_MEMBERS, did_you_mean},
};

/// The most operations of one patch.
const MOST_OPERATIONS: usize = 1000;
/// The most values that the copies of one patch may add together.
const MOST_COPIED: usize = 10_000;

/// A checked patch.
#[derive(Debug)]
pub(super) struct JsonPatch(Vec<PatchOperation>);

impl JsonPatch {
    /// Reads the operations and checks that each begins at a field that it may touch.
    pub(super) fn parse(fields: &[FieldDescriptor], body: Json, faults: &mut Vec<Fault>) -> Self {
        let Json::Array(operations) = body else {
            let detail = "must be an array of operations (RFC 6902)";
            faults.push(Fault::pointer(Reason::MalformedRequest, "", detail));
            return Self(Vec::new());
        };
        if operations.len() > MOST_OPERATIONS {
            let detail = format!("must have at most {MOST_OPERATIONS} operations, got {}", operations.len());
            faults.push(Fault::pointer(Reason::InvalidValue, "", detail));
            return Self(Vec::new());
        }
        let mut patch = Vec::with_capacity(operations.len());
        for (index, operation) in operations.into_iter().enumerate() {
            let at = format!("/{index}");
            let tests = operation.get("op").is_some_and(|op| op == "test");
            for member in ["path", "from"] {
                let Some(Json::String(path)) = operation.get(member) else { continue };
                let reads = member == "from" || tests;
                if let Err(detail) = check_path(fields, path, reads, tests) {
                    faults.push(Fault::pointer(Reason::UnknownField, format!("{at}/{member}"), detail));
                }
            }
            match serde_json::from_value(operation) {
                Ok(operation) => patch.push(operation),
                Err(_) => {
                    let detail = "must be an operation with `op` (`add`, `remove`, `replace`, `move`, `copy`, `test`), `path`, \
                                  and `value` or `from`";
                    faults.push(Fault::pointer(Reason::MalformedRequest, at, detail));
                }
            }
        }
        Self(patch)
    }

    /// Applies the operations to `document`, whose values nest at most `depth` levels.
    pub(super) fn apply(&self, document: &mut Json, depth: usize) -> Result<()> {
        let mut copied = 0;
        for (index, operation) in self.0.iter().enumerate() {
            let refuse = |reason, member: &str, detail: String| {
                Err(Error::from_faults(vec![Fault::pointer(reason, format!("/{index}{member}"), detail)]))
            };
            if let PatchOperation::Test(test) = operation {
                let found = document.pointer(&test.path.to_string());
                if !found.is_some_and(|found| is_equal(found, &test.value)) {
                    let detail = "does not hold for the resource as it is now".to_owned();
                    return refuse(Reason::FailedPrecondition, "", detail);
                }
                continue;
            }
            let value = match operation {
                PatchOperation::Copy(copy) => document.pointer(&copy.from.to_string()),
                PatchOperation::Move(from) => document.pointer(&from.from.to_string()),
                PatchOperation::Add(add) => Some(&add.value),
                PatchOperation::Replace(replace) => Some(&replace.value),
                PatchOperation::Remove(_) | PatchOperation::Test(_) => None,
            };
            let (values, levels) = value.map_or((0, 0), measure);
            if matches!(operation, PatchOperation::Copy(_)) {
                copied += values;
            }
            if copied > MOST_COPIED {
                return refuse(
                    Reason::InvalidValue,
                    "",
                    format!("copies too much; at most {MOST_COPIED} values in one patch"),
                );
            }
            if levels + operation.path().as_str().split('/').count() > depth + 1 {
                return refuse(Reason::InvalidValue, "/path", format!("nests deeper than {depth} levels"));
            }
            if ::json_patch::patch(document, &Patch(vec![operation.clone()])).is_err() {
                return refuse(
                    Reason::InvalidValue,
                    "/path",
                    "cannot be applied: there is nothing at that path".to_owned(),
                );
            }
        }
        Ok(())
    }
}

/// `reads` says whether the operation takes what is there, `tests` whether it only compares it.
fn check_path(fields: &[FieldDescriptor], path: &str, reads: bool, tests: bool) -> Result<(), String> {
    if !path.is_empty() && !path.starts_with('/') {
        return Err("must be a JSON pointer (RFC 6901), which begins with `/`".to_owned());
    }
    let first = path.split('/').nth(1).unwrap_or_default().replace("~1", "/").replace("~0", "~");
    match fields.iter().find(|field| field.name == first) {
        Some(field) if reads && (field.input_only || contains_hidden(field.kind, 0)) => {
            Err("must be a field that can be read".to_owned())
        }
        Some(_) => Ok(()),
        // The framework's members can be tested, so that a patch can depend on the `etag`; setting them has no effect.
        None if tests && FRAMEWORK_MEMBERS.contains(&first.as_str()) => Ok(()),
        None if FRAMEWORK_MEMBERS.contains(&first.as_str()) => {
            Err(format!("must be a field of this resource; the service itself keeps `{first}`"))
        }
        None => {
            let hint = did_you_mean(&first, fields.iter().map(|field| field.name));
            Err(format!("must begin with a field of this resource{hint}"))
        }
    }
}

/// Equality as RFC 6902 §4.6 has it: numbers by value.
fn is_equal(left: &Json, right: &Json) -> bool {
    match (left, right) {
        (Json::Number(left), Json::Number(right)) => left == right || left.as_f64() == right.as_f64(),
        (Json::Array(left), Json::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| is_equal(left, right))
        }
        (Json::Object(left), Json::Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(name, left)| right.get(name).is_some_and(|right| is_equal(left, right)))
        }
        (left, right) => left == right,
    }
}

/// How many values a value consists of, and how many levels it has.
fn measure(json: &Json) -> (usize, usize) {
    let below: Vec<(usize, usize)> = match json {
        Json::Array(items) => items.iter().map(measure).collect(),
        Json::Object(members) => members.values().map(measure).collect(),
        _ => return (1, 0),
    };
    (
        1 + below.iter().map(|(values, _)| values).sum::<usize>(),
        1 + below.iter().map(|(_, levels)| *levels).max().unwrap_or(0),
    )
}
