//! The opaque, signed token that says where the next page starts.
//!
//! A token carries the order columns' values and the id of the last element, and an HMAC-SHA-256 over them and everything
//! that decides which elements follow: the collection, its parent, the filter, the search, the equality parameters, whether
//! soft-deleted ones are there, and the order. A token that
//! was altered or is used with another question does not verify.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value as Json;
use sha2::Sha256;

use crate::{
    codec,
    descriptor::{Descriptor, FieldKind},
    query::order::{Order, column_kind},
    store::{Column, Direction},
    value::{Path, Value},
};

/// How many bytes of the HMAC a token carries.
const TAG: usize = 16;

/// What a cursor is bound to.
#[derive(Debug)]
pub(crate) struct Binding<'a> {
    /// The store's secret.
    pub(crate) secret: &'a [u8; 32],
    /// The collection.
    pub(crate) descriptor: &'static Descriptor,
    /// The collection's address in the tree.
    pub(crate) address: &'a str,
    /// The parent.
    pub(crate) parent: &'a Path,
    /// The filter as sent.
    pub(crate) filter: &'a str,
    /// The search as sent.
    pub(crate) search: &'a str,
    /// The equality parameters, in the order of the query.
    pub(crate) equals: &'a [(Column, Value)],
    /// Whether soft-deleted elements are there too.
    pub(crate) show_deleted: bool,
    /// The order.
    pub(crate) order: &'a Order,
}

impl Binding<'_> {
    fn mac(&self, payload: &[u8]) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret).ok()?;
        let mut equals: Vec<_> =
            self.equals.iter().map(|(column, value)| format!("{column:?}={value:?}")).collect();
        equals.sort();
        for part in [
            self.address,
            &format!("{:?}", self.parent),
            self.filter,
            self.search,
            &equals.join("\n"),
            if self.show_deleted { "$showDeleted" } else { "" },
            &format!("{:?}", self.order),
        ] {
            mac.update(&(part.len() as u64).to_le_bytes());
            mac.update(part.as_bytes());
        }
        mac.update(payload);
        Some(mac)
    }
}

/// The token that continues after the element with these order values and id; empty if signing is impossible.
#[must_use]
pub(crate) fn encode(binding: &Binding<'_>, after: &[Value]) -> String {
    let values: Vec<Json> = after.iter().map(pack).collect();
    sign(binding, Json::Array(values).to_string().into_bytes())
}

/// The token that carries a payload; empty if signing is impossible.
#[must_use]
pub(crate) fn sign(binding: &Binding<'_>, mut payload: Vec<u8>) -> String {
    let Some(mac) = binding.mac(&payload) else { return String::new() };
    payload.extend_from_slice(&mac.finalize().into_bytes()[..TAG]);
    BASE64.encode(payload)
}

/// The order values and id in a token; `None` when it was not made for this question.
#[must_use]
pub(crate) fn decode(binding: &Binding<'_>, token: &str) -> Option<Vec<Value>> {
    let bytes = BASE64.decode(token).ok()?;
    let (payload, tag) = bytes.split_at_checked(bytes.len().checked_sub(TAG)?)?;
    binding.mac(payload)?.verify_truncated_left(tag).ok()?;
    let Json::Array(values) = serde_json::from_slice(payload).ok()? else { return None };
    let ends_with_id = [(Column::Id, Direction::Ascending)];
    let columns = binding.order.iter().chain(&ends_with_id);
    if values.len() != binding.order.len() + 1 {
        return None;
    }
    columns
        .zip(values)
        .map(|((column, _), value)| unpack(column_kind(binding.descriptor, *column), value))
        .collect()
}

/// Floats travel as their bits and enums as their numbers, so that a value comes back exactly.
fn pack(value: &Value) -> Json {
    match value {
        Value::Float(number) => Json::from(number.to_bits()),
        other => codec::to_json(FieldKind::Json, other),
    }
}

fn unpack(kind: FieldKind, json: Json) -> Option<Value> {
    match (kind, &json) {
        (_, Json::Null) => Some(Value::Null),
        (FieldKind::Float, json) => json.as_u64().map(f64::from_bits).map(Value::Float),
        (FieldKind::Enum(_), json) => json.as_i64().map(Value::Integer),
        _ => codec::from_stored_json(kind, json).ok(),
    }
}
