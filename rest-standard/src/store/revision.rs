//! Revisions of rows that nobody numbers.

use sha2::{Digest as _, Sha256};

use crate::{
    codec::whole_microseconds,
    json::canonical,
    value::{Row, Value},
};

/// The revision of a row of an existing table: a digest of its values as a store gives them back.
///
/// It changes with every value that changes, whoever changes it, and is the same again when all of them are. It is the same
/// in every store and on every replica.
#[must_use]
pub fn content_revision(row: &Row) -> i64 {
    let mut digest = Sha256::new();
    for value in &row.0 {
        feed(&mut digest, value);
    }
    let digest = digest.finalize();
    let mut revision = [0; 8];
    revision.copy_from_slice(&digest[..8]);
    i64::from_be_bytes(revision)
}

/// Each value begins with its kind, and what has no fixed length with its length, so that no two rows read the same.
fn feed(digest: &mut Sha256, value: &Value) {
    let mut put = |kind: u8, bytes: &[u8]| {
        digest.update([kind]);
        digest.update((bytes.len() as u64).to_be_bytes());
        digest.update(bytes);
    };
    match value {
        Value::Null => put(0, &[]),
        Value::Bool(value) => put(1, &[u8::from(*value)]),
        Value::Integer(value) => put(2, &value.to_be_bytes()),
        // There is one zero: a store may keep no sign of it.
        Value::Float(value) => put(3, &(if *value == 0.0 { 0.0 } else { *value }).to_be_bytes()),
        Value::Text(value) => put(4, value.as_bytes()),
        Value::Bytes(value) => put(5, value),
        Value::Uuid(value) => put(6, value.as_bytes()),
        Value::Timestamp(value) => put(7, &whole_microseconds(*value).as_microsecond().to_be_bytes()),
        Value::Date(value) => put(8, value.to_string().as_bytes()),
        Value::Json(value) => put(9, &canonical(value)),
    }
}
