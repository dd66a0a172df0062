//! What is known of one field: its names, its type, its constraints and its behaviour.

use std::sync::OnceLock;

use regex::Regex;
use serde_json::Value as Json;

use super::Descriptor;
use crate::value::Value;

/// The type of a field as the wire, the stores and the document see it.
#[derive(Clone, Copy, Debug)]
pub enum FieldKind {
    /// Unicode text.
    Text,
    /// `true` or `false`.
    Bool,
    /// An integer between two bounds, both inclusive, as its Rust type gives them.
    Integer {
        /// The smallest value of the type.
        min: i64,
        /// The largest value of the type.
        max: i64,
    },
    /// A finite floating-point number.
    Float,
    /// A UUID in its hyphenated form.
    Uuid,
    /// An RFC 3339 instant in UTC, in microseconds at most.
    Timestamp,
    /// A calendar date, `2026-11-21`.
    Date,
    /// Bytes in base64.
    Bytes,
    /// The name of a variant.
    Enum(&'static EnumDescriptor),
    /// An array.
    List(&'static Element),
    /// An object with any member names.
    Map(&'static Element),
    /// An object with declared members.
    Object(&'static ValueDescriptor),
    /// A value of a type that is described by itself, kept as JSON.
    Foreign(&'static ForeignType),
    /// Any JSON value; only the framework's own fields have it.
    Json,
}

impl FieldKind {
    /// Whether its values are single ones, without elements or members.
    #[must_use]
    pub const fn is_single(self) -> bool {
        !matches!(self, Self::List(_) | Self::Map(_) | Self::Object(_) | Self::Foreign(_) | Self::Json)
    }
}

/// A type that is no declaration of this library's: it says its own schema, and a value is checked by decoding it.
#[derive(Clone, Copy, Debug)]
pub struct ForeignType {
    /// The name of its schema.
    pub name: fn() -> String,
    /// The Rust type, which tells two types of one name apart.
    pub type_name: fn() -> &'static str,
    /// Its JSON Schema (2020-12), with its definitions under `$defs`.
    pub schema: fn() -> Json,
    /// Decodes a value, and gives the form in which the type itself writes it, which is the one that is stored.
    pub check: fn(&Json) -> Result<Json, Vec<Misfit>>,
}

/// A place in a value at which it does not fit its type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// The names and positions that lead there.
    pub path: Vec<String>,
    /// Whether the place is a member that the type does not have.
    pub is_unknown: bool,
}

/// The type of a list's or map's elements.
#[derive(Clone, Copy, Debug)]
pub struct Element {
    /// The type.
    pub kind: FieldKind,
    /// Whether an element may be null.
    pub nullable: bool,
}

/// A declared enum.
#[derive(Clone, Copy, Debug)]
pub struct EnumDescriptor {
    /// The Rust type's name.
    pub name: &'static str,
    /// The documentation comment.
    pub doc: &'static str,
    /// The variants; exactly one has the number 0.
    pub variants: &'static [Variant],
}

impl EnumDescriptor {
    /// The variant with `number`.
    #[must_use]
    pub fn by_number(&self, number: i64) -> Option<&'static Variant> {
        self.variants.iter().find(|variant| variant.number == number)
    }

    /// The variant called `name`.
    #[must_use]
    pub fn by_name(&self, name: &str) -> Option<&'static Variant> {
        self.variants.iter().find(|variant| variant.name == name)
    }
}

/// One variant of an enum.
#[derive(Clone, Copy, Debug)]
pub struct Variant {
    /// The number, which is stored and ordered by.
    pub number: i64,
    /// The PascalCase name, which is on the wire.
    pub name: &'static str,
    /// The documentation comment.
    pub doc: &'static str,
}

/// A declared nested struct, or the input or output of a custom method.
#[derive(Clone, Copy, Debug)]
pub struct ValueDescriptor {
    /// The Rust type's name.
    pub name: &'static str,
    /// The documentation comment.
    pub doc: &'static str,
    /// The members.
    pub fields: &'static [FieldDescriptor],
}

/// The declared bounds of a number, both inclusive.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Range {
    /// Bounds of an integer field.
    Integer(Option<i64>, Option<i64>),
    /// Bounds of a floating-point field.
    Float(Option<f64>, Option<f64>),
}

/// A regular expression that a text must match in full.
#[derive(Debug)]
pub struct Pattern {
    text: &'static str,
    regex: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// The pattern `text`; it is compiled when the service starts.
    #[must_use]
    pub const fn new(text: &'static str) -> Self {
        Self { text, regex: OnceLock::new() }
    }

    /// The pattern as declared.
    #[must_use]
    pub const fn text(&self) -> &'static str {
        self.text
    }

    /// The compiled pattern; `None` when it is not a regular expression, which stops the start.
    pub fn regex(&self) -> Option<&Regex> {
        self.regex.get_or_init(|| Regex::new(&format!("^(?:{})$", self.text)).ok()).as_ref()
    }
}

/// A well-known form that a text must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// An e-mail address: `email`.
    Email,
    /// An absolute URI (RFC 3986): `uri`.
    Uri,
    /// A host name (RFC 1123): `hostname`.
    Hostname,
    /// An IPv4 address: `ipv4`.
    Ipv4,
    /// An IPv6 address: `ipv6`.
    Ipv6,
    /// The name of a zone in the IANA time zone database: `time_zone`.
    TimeZone,
    /// An assigned code of ISO 3166-1 alpha-2, or `XK`: `region_code`.
    RegionCode,
    /// A language tag (BCP 47): `language_code`.
    LanguageCode,
}

impl Format {
    /// The name in JSON Schema, and in the attribute with `_` for `-`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Uri => "uri",
            Self::Hostname => "hostname",
            Self::Ipv4 => "ipv4",
            Self::Ipv6 => "ipv6",
            Self::TimeZone => "time-zone",
            Self::RegionCode => "region-code",
            Self::LanguageCode => "language-code",
        }
    }
}

/// One field of a resource or nested struct.
#[derive(Clone, Copy, Debug)]
pub struct FieldDescriptor {
    /// The lowerCamelCase name in JSON and in parameters.
    pub name: &'static str,
    /// The snake_case name in Rust.
    pub rust_name: &'static str,
    /// The name of the column: the same, but for one of an existing table.
    pub column: &'static str,
    /// The documentation comment.
    pub doc: &'static str,
    /// The type.
    pub kind: FieldKind,
    /// Whether the value may be absent (null).
    pub nullable: bool,
    /// The least and most characters of a text, or elements of a list or map.
    pub length: Option<(u64, u64)>,
    /// The bounds of a number.
    pub range: Option<Range>,
    /// What a text must match.
    pub pattern: Option<&'static Pattern>,
    /// The form that a text must have.
    pub format: Option<Format>,
    /// The value of an omitted field, where the author declared one.
    pub default: Option<fn() -> Value>,
    /// A value that documentation shows; it keeps the field's own constraints.
    pub example: Option<fn() -> Value>,
    /// Whether a list can be filtered by it.
    pub filter: bool,
    /// Whether a list can be ordered by it.
    pub order: bool,
    /// Whether `$search` looks for words in it; texts and lists of texts only.
    pub search: bool,
    /// Whether no two resources of the collection's table may share a value.
    pub unique: bool,
    /// Whether it is fixed once created.
    pub immutable: bool,
    /// Whether only the service sets it; ignored on input.
    pub output_only: bool,
    /// Whether it is never returned nor echoed.
    pub input_only: bool,
    /// Whether a client must send it although its type has a value of its own where nothing is sent.
    pub required: bool,
    /// What it refers to, where its value is the id of another resource.
    pub references: Option<Reference>,
    /// The name that the column had in an earlier release; `migrate apply` renames it.
    pub renamed_from: Option<&'static str>,
    /// What the column held in an earlier release: `text`, `integer`, `real`, `boolean`, `enum`, `uuid`, `date` or
    /// `timestamp`; `migrate apply` converts it where no value is lost.
    pub converted_from: Option<&'static str>,
    /// In an existing table, the texts that a column of an enum holds, by the names of the variants.
    pub texts: Option<&'static [(&'static str, &'static str)]>,
}

/// What a field refers to.
#[derive(Clone, Copy, Debug)]
pub struct Reference {
    /// The resource that the value is the id of, of a collection at the API root.
    pub target: fn() -> &'static Descriptor,
    /// What becomes of the field when that is deleted.
    pub on_delete: OnDelete,
}

/// What becomes of a field that refers to a resource when that is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnDelete {
    /// The delete is refused.
    Refuse,
    /// The field becomes null.
    SetNull,
}

impl FieldDescriptor {
    /// The value of the field when a client leaves it out; `None` where it is required.
    ///
    /// That is the declared default, else null for an optional field, the variant numbered 0 of an enum, and an empty
    /// list or map that is not declared `required`.
    #[must_use]
    pub fn default_value(&self) -> Option<Value> {
        if self.required {
            return None;
        }
        if let Some(default) = self.default {
            return Some(default());
        }
        if self.nullable {
            return Some(Value::Null);
        }
        match self.kind {
            FieldKind::Enum(_) => Some(Value::Integer(0)),
            FieldKind::List(_) => Some(Value::Json(serde_json::Value::Array(Vec::new()))),
            FieldKind::Map(_) => Some(Value::Json(serde_json::Value::Object(serde_json::Map::new()))),
            _ => None,
        }
    }

    /// The text that an existing table holds for a variant; `None` where the column holds numbers.
    #[must_use]
    pub fn text_of(&self, number: i64) -> Option<&'static str> {
        let (FieldKind::Enum(declared), Some(texts)) = (self.kind, self.texts) else { return None };
        let variant = declared.by_number(number)?;
        let written = texts.iter().find(|(name, _)| *name == variant.name);
        Some(written.map_or(variant.name, |(_, text)| *text))
    }

    /// The bounds of an integer field: its declared range within its type's.
    #[must_use]
    pub const fn integer_bounds(&self) -> Option<(i64, i64)> {
        let FieldKind::Integer { min, max } = self.kind else { return None };
        Some(match self.range {
            Some(Range::Integer(low, high)) => (
                match low {
                    Some(low) if low > min => low,
                    _ => min,
                },
                match high {
                    Some(high) if high < max => high,
                    _ => max,
                },
            ),
            _ => (min, max),
        })
    }

    /// Whether the integer travels as a string, since JSON numbers beyond 2^53 lose digits in many clients.
    #[must_use]
    pub const fn integer_as_text(&self) -> bool {
        const LIMIT: i64 = 1 << 53;
        match self.integer_bounds() {
            Some((min, max)) => min < -LIMIT || max > LIMIT,
            None => false,
        }
    }
}
