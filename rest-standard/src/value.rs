//! What one field of a resource can hold, and the row of all of them.
//!
//! A `Value` is the meeting point of three worlds: the author's Rust types, the JSON on the wire and the columns of a
//! store. Each of them converts to and from `Value`, never to each other, so a new store or format touches one place.

use jiff::{Timestamp, civil::Date};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use uuid::Uuid;

/// The value of one field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Value {
    /// No value.
    Null,
    /// A boolean.
    Bool(bool),
    /// An integer, or the number of an enum's variant.
    Integer(i64),
    /// A finite floating-point number.
    Float(f64),
    /// Text in Unicode.
    Text(String),
    /// Raw bytes, base64 on the wire.
    Bytes(Vec<u8>),
    /// A UUID.
    Uuid(Uuid),
    /// An instant, in microseconds at most.
    Timestamp(Timestamp),
    /// A calendar date.
    Date(Date),
    /// A list, map or nested object, in the form it has on the wire.
    Json(Json),
}

impl Value {
    /// Whether this is [`Value::Null`].
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}

/// The values of a resource's fields, in the order of its descriptor.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Row(pub Vec<Value>);

impl Row {
    /// Takes the value at `index` out of the row, leaving null.
    #[must_use]
    pub fn take(&mut self, index: usize) -> Value {
        self.0.get_mut(index).map_or(Value::Null, |slot| std::mem::replace(slot, Value::Null))
    }
}

/// The id of one resource within its collection.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Id {
    /// An integer made by the server.
    Integer(i64),
    /// A UUID, version 7 when the server makes it.
    Uuid(Uuid),
    /// Lower-case letters, digits and inner hyphens, chosen by the client; of an existing table, any text.
    Slug(String),
}

impl Id {
    /// Appends the id as it stands in a path: what [`Display`](std::fmt::Display) writes, percent-encoded.
    pub(crate) fn push_to(&self, text: &mut String) {
        match self {
            Self::Integer(id) => text.push_str(itoa::Buffer::new().format(*id)),
            Self::Uuid(id) => text.push_str(id.hyphenated().encode_lower(&mut Uuid::encode_buffer())),
            Self::Slug(id) => text.extend(utf8_percent_encode(id, IN_PATHS)),
        }
    }
}

/// The most characters of an id that is a text of an existing table.
pub(crate) const LONGEST_TEXT_ID: u64 = 255;

/// What a path segment has encoded (RFC 3986, section 3.3), and `:`, behind which a verb begins. A slug has none of it.
const IN_PATHS: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

impl std::fmt::Display for Id {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Integer(id) => write!(f, "{id}"),
            Self::Uuid(id) => write!(f, "{id}"),
            Self::Slug(id) => f.write_str(id),
        }
    }
}

impl Id {
    /// The id that a field holds which refers to a resource; `None` where it holds none.
    #[must_use]
    pub fn of_value(value: &Value) -> Option<Self> {
        Some(match value {
            Value::Text(slug) => Self::Slug(slug.clone()),
            Value::Uuid(id) => Self::Uuid(*id),
            Value::Integer(id) => Self::Integer(*id),
            _ => return None,
        })
    }

    /// What a field holds that refers to the resource with this id.
    #[must_use]
    pub fn to_value(&self) -> Value {
        match self {
            Self::Slug(slug) => Value::Text(slug.clone()),
            Self::Uuid(id) => Value::Uuid(*id),
            Self::Integer(id) => Value::Integer(*id),
        }
    }
}

impl From<Uuid> for Id {
    fn from(id: Uuid) -> Self {
        Self::Uuid(id)
    }
}

impl From<i64> for Id {
    fn from(id: i64) -> Self {
        Self::Integer(id)
    }
}

impl From<&str> for Id {
    fn from(id: &str) -> Self {
        Self::Slug(id.to_owned())
    }
}

impl From<String> for Id {
    fn from(id: String) -> Self {
        Self::Slug(id)
    }
}

/// The ids that lead to a resource, the root ancestor's first; a singleton has its parent's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Path(pub Vec<Id>);

impl Path {
    /// The path of a child with the id `id`.
    #[must_use]
    pub fn join(&self, id: Id) -> Self {
        let mut ids = Vec::with_capacity(self.0.len() + 1);
        ids.extend_from_slice(&self.0);
        ids.push(id);
        Self(ids)
    }

    /// The first `depth` ids.
    #[must_use]
    pub fn ancestor(&self, depth: usize) -> Self {
        Self(self.0[..depth.min(self.0.len())].to_vec())
    }

    /// The resource's own id; absent at the root.
    #[must_use]
    pub fn id(&self) -> Option<&Id> {
        self.0.last()
    }
}
