//! Reads a JSON body strictly: no duplicate names, bounded nesting, a place for each fault.
//!
//! `serde_json::Value` keeps the last of duplicate names and its depth limit cannot be set, so a visitor of our own builds
//! the tree. The parser's own limit of 128 levels stays behind it, so no depth limit can be above [`MOST_DEPTH`].

use std::{cell::RefCell, fmt, sync::LazyLock};

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value as Json};

use crate::{
    error::{Fault, Reason},
    validate::join_pointer,
};

/// The name under which `serde_json` hands over a number's digits where some crate of the build switched on its feature
/// `arbitrary_precision`.
const DIGITS: &str = "$serde_json::private::Number";
/// Whether that is so. Without the feature the name is a client's, and an object that has it is an object.
static HAS_DIGITS: LazyLock<bool> =
    LazyLock::new(|| serde_json::from_str::<Number>("1.00").is_ok_and(|number| number.to_string() == "1.00"));

/// The deepest nesting that can be set.
pub(crate) const MOST_DEPTH: usize = 120;

/// Parses a whole body.
///
/// # Errors
///
/// One `MalformedRequest` fault; its pointer is the place where reading ended.
pub(crate) fn parse(body: &[u8], depth: usize) -> Result<Json, Fault> {
    let malformed = |at: String, detail: String| Fault::pointer(Reason::MalformedRequest, at, detail);
    if let Err(error) = std::str::from_utf8(body) {
        return Err(malformed(
            String::new(),
            format!("is not UTF-8: byte {} begins no character", error.valid_up_to()),
        ));
    }
    let place = Place::default();
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let tree =
        Strict { at: &place, depth: depth.min(MOST_DEPTH) }.deserialize(&mut deserializer).and_then(|tree| {
            place.path.borrow_mut().clear();
            deserializer.end().map(|()| tree)
        });
    tree.map_err(|error| {
        let at = place.path.borrow().iter().fold(String::new(), |at, name| join_pointer(&at, name));
        match place.fault.borrow_mut().take() {
            Some(detail) => malformed(at, detail),
            None if error.is_eof() => malformed(at, "is not JSON: it ends too early".to_owned()),
            None if error.to_string().starts_with(OUT_OF_RANGE) => {
                malformed(at, "has a number that is too large for any field".to_owned())
            }
            None => {
                let (line, column) = (error.line(), error.column());
                malformed(at, format!("is not JSON: unexpected text at line {line}, column {column}"))
            }
        }
    })
}

/// How `serde_json` begins to say that no double is as large as a number.
const OUT_OF_RANGE: &str = "number out of range";

/// The number with these digits, in the one form that it has without `arbitrary_precision`.
fn number(digits: &str) -> Option<Number> {
    let integer =
        digits.parse::<i64>().map(Number::from).or_else(|_| digits.parse::<u64>().map(Number::from));
    integer.ok().or_else(|| Number::from_f64(digits.parse().ok()?))
}

/// Where reading stands, and what the visitor itself found wrong.
#[derive(Default)]
struct Place {
    path: RefCell<Vec<String>>,
    fault: RefCell<Option<String>>,
}

impl Place {
    fn refuse<E: serde::de::Error>(&self, detail: String) -> E {
        *self.fault.borrow_mut() = Some(detail);
        E::custom("refused")
    }
}

#[derive(Clone, Copy)]
struct Strict<'a> {
    at: &'a Place,
    depth: usize,
}

impl<'a> Strict<'a> {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        match self.depth.checked_sub(1) {
            Some(depth) => Ok(Self { at: self.at, depth }),
            None => Err(self.at.refuse("is nested too deeply; flatten it".to_owned())),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Json;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Json, E> {
        Number::from_f64(value).map(Json::Number).ok_or_else(|| E::custom("not a finite number"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Json, E> {
        Ok(Json::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let inner = self.deeper()?;
        let mut array = Vec::new();
        loop {
            self.at.path.borrow_mut().push(array.len().to_string());
            let Some(item) = items.next_element_seed(inner)? else { break };
            self.at.path.borrow_mut().pop();
            array.push(item);
        }
        self.at.path.borrow_mut().pop();
        Ok(Json::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json, A::Error> {
        let mut first = members.next_key::<String>()?;
        if *HAS_DIGITS && first.as_deref() == Some(DIGITS) {
            return number(&members.next_value::<String>()?)
                .map(Json::Number)
                .ok_or_else(|| serde::de::Error::custom(OUT_OF_RANGE));
        }
        let inner = self.deeper()?;
        let mut object = Map::new();
        while let Some(name) = match first.take() {
            Some(name) => Some(name),
            None => members.next_key::<String>()?,
        } {
            self.at.path.borrow_mut().push(name.clone());
            if object.contains_key(&name) {
                return Err(self.at.refuse("is there twice; a name may occur once in an object".to_owned()));
            }
            let value = members.next_value_seed(inner)?;
            self.at.path.borrow_mut().pop();
            object.insert(name, value);
        }
        Ok(Json::Object(object))
    }
}

/// JSON as text that is the same for equal values, in the manner of RFC 8785: members by name, no white space, and one
/// form for each number. Integers keep all of their digits.
#[must_use]
pub(crate) fn canonical(json: &Json) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    write_canonical(&mut out, json);
    out
}

fn write_canonical(out: &mut Vec<u8>, json: &Json) {
    match json {
        Json::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                out.push(if at == 0 { b'[' } else { b',' });
                write_canonical(out, item);
            }
            out.extend_from_slice(if items.is_empty() { b"[]" } else { b"]" });
        }
        Json::Object(members) => {
            // A map keeps the order of insertion where some crate of the build wants `serde_json` to.
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_unstable_by_key(|(name, _)| *name);
            for (at, (name, member)) in sorted.into_iter().enumerate() {
                out.push(if at == 0 { b'{' } else { b',' });
                write_scalar(out, name);
                out.push(b':');
                write_canonical(out, member);
            }
            out.extend_from_slice(if members.is_empty() { b"{}" } else { b"}" });
        }
        Json::Number(number) => match number.as_f64().filter(|_| !number.is_i64() && !number.is_u64()) {
            // `2.0` and `2e0` are the integer 2. Beyond this no double has a fraction, and few are what was written.
            Some(float) if float.fract() == 0.0 && float.abs() < 9e15 => write_scalar(out, &(float as i64)),
            _ => write_scalar(out, number),
        },
        Json::Null | Json::Bool(_) | Json::String(_) => write_scalar(out, json),
    }
}

fn write_scalar(out: &mut Vec<u8>, scalar: &impl serde::Serialize) {
    // Writing a scalar into memory cannot fail.
    let _ = serde_json::to_writer(out, scalar);
}

/// The merge patch (RFC 7396) that turns `before` into `after`; an empty object where they are equal.
#[must_use]
pub(crate) fn merge_patch(before: &Json, after: &Json) -> Json {
    let (Json::Object(before), Json::Object(after)) = (before, after) else { return after.clone() };
    let mut patch = Map::new();
    for (name, value) in after {
        match before.get(name) {
            Some(old) if old == value => {}
            Some(old @ Json::Object(_)) if value.is_object() => {
                patch.insert(name.clone(), merge_patch(old, value));
            }
            None if value.is_null() => {}
            _ => {
                patch.insert(name.clone(), value.clone());
            }
        }
    }
    for name in before.keys().filter(|name| !after.contains_key(*name)) {
        patch.insert(name.clone(), Json::Null);
    }
    Json::Object(patch)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn digits_are_the_number_that_the_parser_makes_of_them() {
        for text in ["3.0", "-0.5", "1e3", "9223372036854775807", "18446744073709551615", "-7", "1e23"] {
            let parsed = parse(text.as_bytes(), 8).expect("a number");
            assert_eq!(number(text).map(Json::Number), Some(parsed), "{text}");
        }
        assert_eq!(number("1e999"), None);
        assert_eq!(
            parse(b"1e999", 8).expect_err("no double").detail,
            "has a number that is too large for any field"
        );
    }

    #[test]
    fn an_object_with_the_private_name_is_an_object() {
        let body = json!({DIGITS: "7", "a": 1});
        assert_eq!(parse(body.to_string().as_bytes(), 8).ok(), Some(body));
    }

    #[test]
    fn canonical_text_is_sorted_by_name() {
        let json = parse(br#"{"b": 2.0, "a": {"d": 1, "c": []}}"#, 8).expect("an object");
        assert_eq!(canonical(&json), br#"{"a":{"c":[],"d":1},"b":2}"#);
    }
}
