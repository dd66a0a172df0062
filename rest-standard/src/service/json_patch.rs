//! JSON Patch (RFC 6902) within bounds: a small patch must not grow a large document, nor look at what is hidden.

use ::json_patch::{PatchOperation, jsonptr::Pointer};
use serde_json::Value as Json;

use crate::{
    codec::contains_hidden,
    descriptor::FieldDescriptor,
    error::{Error, Fault, Reason, Result},
    validate::{FRAMEWORK_MEMBERS, did_you_mean},
};

/// The most operations of one patch.
const MOST_OPERATIONS: usize = 1000;

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

    /// Applies the operations to `document`, whose values nest at most `depth` levels. What is copied, added and moved
    /// deeper has at most `most` bytes together, so neither the document nor the work outgrows what a body may hold.
    pub(super) fn apply(&self, document: &mut Json, depth: usize, most: usize) -> Result<()> {
        let mut placed = 0;
        for (index, operation) in self.0.iter().enumerate() {
            let refuse = |reason, member: &str, detail: String| {
                Err(Error::from_faults(vec![Fault::pointer(reason, format!("/{index}{member}"), detail)]))
            };
            if let PatchOperation::Test(test) = operation {
                let found = document.pointer(test.path.as_str());
                if !found.is_some_and(|found| is_equal(found, &test.value)) {
                    let detail = "does not hold for the resource as it is now".to_owned();
                    return refuse(Reason::FailedPrecondition, "", detail);
                }
                continue;
            }
            if let Some(value) = placed_value(operation, document) {
                let size = measure(value);
                placed += size.bytes;
                if placed > most {
                    let detail =
                        format!("is too much: a patch copies, moves and adds at most {most} bytes in all");
                    return refuse(Reason::InvalidValue, "", detail);
                }
                if size.levels + levels_of(operation.path()) > depth {
                    return refuse(
                        Reason::InvalidValue,
                        "/path",
                        format!("nests deeper than {depth} levels"),
                    );
                }
            }
            // A document that is left half changed is dropped with the error.
            if ::json_patch::patch_unsafe(document, std::slice::from_ref(operation)).is_err() {
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

/// The value that an operation puts where it could nest too deeply or make the document larger.
fn placed_value<'a>(operation: &'a PatchOperation, document: &'a Json) -> Option<&'a Json> {
    match operation {
        PatchOperation::Copy(copy) => document.pointer(copy.from.as_str()),
        // A move to the same level or a higher one does neither.
        PatchOperation::Move(from) if levels_of(&from.path) > levels_of(&from.from) => {
            document.pointer(from.from.as_str())
        }
        PatchOperation::Add(add) => Some(&add.value),
        PatchOperation::Replace(replace) => Some(&replace.value),
        PatchOperation::Move(_) | PatchOperation::Remove(_) | PatchOperation::Test(_) => None,
    }
}

/// How deep the place of a path is.
fn levels_of(path: &Pointer) -> usize {
    path.as_str().bytes().filter(|byte| *byte == b'/').count()
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

/// How large a value is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Size {
    /// Never more than its JSON text has: one for each value, and its texts and names.
    bytes: usize,
    /// How many arrays and objects stand within each other.
    levels: usize,
}

fn measure(json: &Json) -> Size {
    let around = |size: Size, inner: Size| Size {
        bytes: size.bytes + inner.bytes,
        levels: size.levels.max(inner.levels + 1),
    };
    match json {
        Json::Array(items) => items.iter().map(measure).fold(Size { bytes: 1, levels: 1 }, around),
        Json::Object(members) => {
            let names = members.keys().map(String::len).sum::<usize>();
            members.values().map(measure).fold(Size { bytes: 1 + names, levels: 1 }, around)
        }
        Json::String(text) => Size { bytes: 1 + text.len(), levels: 0 },
        Json::Null | Json::Bool(_) | Json::Number(_) => Size { bytes: 1, levels: 0 },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_size_is_that_of_all_values_texts_and_names() {
        let size = measure(&json!({"tags": ["ab", null, [1]], "on": true}));
        assert_eq!(size, Size { bytes: 1 + 6 + (1 + 3 + 1 + 2) + 1, levels: 3 });
        assert_eq!(measure(&json!([])), Size { bytes: 1, levels: 1 });
        assert_eq!(measure(&json!(7)), Size { bytes: 1, levels: 0 });
    }
}
