//! JSON whose members keep their order, so that the document reads in the order of the declarations.
//!
//! `serde_json` sorts members unless a feature of it is on, and a feature would be on in every build of every user.

use std::borrow::Cow;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{MapAccess, SeqAccess, Visitor},
};
use serde_json::Value as Json;

/// A JSON value with its members in the order in which they were added.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Ordered {
    /// A scalar, or a value whose order nobody chose.
    Plain(Json),
    /// An array.
    Array(Vec<Self>),
    /// An object.
    Object(Vec<(Cow<'static, str>, Self)>),
}

impl Ordered {
    /// An object of these members.
    pub(crate) fn object<const N: usize>(members: [(&'static str, Self); N]) -> Self {
        Self::Object(members.into_iter().map(|(name, value)| (Cow::Borrowed(name), value)).collect())
    }

    /// A reference to a component.
    pub(crate) fn reference(kind: &str, name: &str) -> Self {
        Self::object([("$ref", format!("#/components/{kind}/{name}").into())])
    }

    /// The object with one more member; on anything else nothing happens.
    #[must_use]
    pub(crate) fn with(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Self>) -> Self {
        self.set(name, value);
        self
    }

    /// The object with one more member, where there is a value.
    #[must_use]
    pub(crate) fn with_some(
        self,
        name: impl Into<Cow<'static, str>>,
        value: Option<impl Into<Self>>,
    ) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// Adds a member, or replaces the one of that name.
    pub(crate) fn set(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Self>) {
        let Self::Object(members) = self else { return };
        let name = name.into();
        match members.iter_mut().find(|(other, _)| *other == name) {
            Some((_, old)) => *old = value.into(),
            None => members.push((name, value.into())),
        }
    }

    /// The member `name` of an object.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.iter().find(|(other, _)| other == name).map(|(_, value)| value),
            Self::Plain(json) => {
                // What came in as plain JSON is not looked into; nothing asks it for its members.
                debug_assert!(!json.is_object() || json.get(name).is_none(), "ask the JSON for `{name}`");
                None
            }
            Self::Array(_) => None,
        }
    }

    /// The text, where it is one.
    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Self::Plain(json) => json.as_str(),
            _ => None,
        }
    }

    /// Takes a plain tree apart, so that its members can be reached.
    pub(crate) fn from_json(json: Json) -> Self {
        match json {
            Json::Array(items) => Self::Array(items.into_iter().map(Self::from_json).collect()),
            Json::Object(members) => Self::Object(
                members.into_iter().map(|(name, value)| (Cow::Owned(name), Self::from_json(value))).collect(),
            ),
            scalar => Self::Plain(scalar),
        }
    }

    /// As compact JSON text.
    pub(crate) fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// As indented JSON text.
    pub(crate) fn to_pretty_text(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}

impl Serialize for Ordered {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Plain(json) => json.serialize(serializer),
            Self::Array(items) => serializer.collect_seq(items),
            Self::Object(members) => {
                serializer.collect_map(members.iter().map(|(name, value)| (name, value)))
            }
        }
    }
}

impl<'de> Deserialize<'de> for Ordered {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(InOrder)
    }
}

/// Reads any JSON.
struct InOrder;

impl<'de> Visitor<'de> for InOrder {
    type Value = Ordered;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Ordered, E> {
        Ok(Ordered::Plain(Json::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Ordered, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Ordered, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Ordered, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Ordered, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Ordered, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Ordered, A::Error> {
        let mut array = Vec::new();
        while let Some(item) = items.next_element()? {
            array.push(item);
        }
        Ok(Ordered::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Ordered, A::Error> {
        let mut object = Vec::new();
        while let Some((name, value)) = members.next_entry::<String, Ordered>()? {
            object.push((name.into(), value));
        }
        Ok(Ordered::Object(object))
    }
}

impl From<Vec<Ordered>> for Ordered {
    fn from(items: Vec<Ordered>) -> Self {
        Self::Array(items)
    }
}

macro_rules! from_scalars {
    ($($ty:ty),*) => {$(
        impl From<$ty> for Ordered {
            fn from(value: $ty) -> Self {
                Self::Plain(Json::from(value))
            }
        }
    )*};
}
from_scalars!(Json, bool, f64, i64, u16, u64, usize, &str, String, Cow<'_, str>);

impl FromIterator<&'static str> for Ordered {
    fn from_iter<I: IntoIterator<Item = &'static str>>(texts: I) -> Self {
        Self::Array(texts.into_iter().map(Self::from).collect())
    }
}
