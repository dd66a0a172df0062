//! Types that are no declarations of this library's as types of fields: [`Json`].

use schemars::{JsonSchema, SchemaGenerator};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value as Tree;

use super::{Field, mismatch};
use crate::{
    descriptor::{FieldKind, ForeignType, Misfit},
    error::Result,
    value::Value,
};

/// A value of a type that says its own schema, such as one of another crate, kept as JSON.
///
/// A client's value is checked by decoding it. What is stored is the form in which the type itself writes it, so that a
/// value that nobody changed stays the same. Lists are neither filtered nor ordered by it.
///
/// # Examples
///
/// ```
/// use rest_standard::{prelude::*, schemars::JsonSchema};
/// # use serde::{Deserialize, Serialize};
///
/// /// A shape on the map.
/// #[derive(Debug, Serialize, Deserialize, JsonSchema)]
/// #[schemars(crate = "rest_standard::schemars")]
/// pub struct Geometry {
///     pub coordinates: Vec<f64>,
/// }
///
/// /// A place.
/// #[resource(collection = "places")]
/// pub struct Place {
///     /// Where it is.
///     pub geometry: Json<Geometry>,
/// }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Json<T>(pub T);

impl<T> From<T> for Json<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

#[diagnostic::do_not_recommend]
impl<T> Field for Json<T>
where
    T: Serialize + DeserializeOwned + JsonSchema + Send + Sync + 'static,
{
    const KIND: FieldKind = FieldKind::Foreign(&ForeignType {
        name: || T::schema_name().into_owned(),
        type_name: std::any::type_name::<T>,
        schema: || SchemaGenerator::default().into_root_schema_for::<T>().to_value(),
        check: check::<T>,
    });
    /// The value as its type writes it. One that cannot be written is null, which no field takes that must have a value.
    fn to_value(&self) -> Value {
        match serde_json::to_value(&self.0) {
            Ok(Tree::Null) | Err(_) => Value::Null,
            Ok(json) => Value::Json(json),
        }
    }
    fn from_value(value: Value) -> Result<Self> {
        let Value::Json(json) = value else { return mismatch("JSON", &value) };
        match T::deserialize(&json) {
            Ok(inner) => Ok(Self(inner)),
            Err(_) => mismatch(std::any::type_name::<T>(), &Value::Json(json)),
        }
    }
}

fn check<T: Serialize + DeserializeOwned>(json: &Tree) -> std::result::Result<Tree, Vec<Misfit>> {
    let mut misfits = Vec::new();
    let mut track = serde_path_to_error::Track::new();
    let source = serde_path_to_error::Deserializer::new(json, &mut track);
    let decoded: std::result::Result<T, _> = serde_ignored::deserialize(source, |path| {
        misfits.push(Misfit { path: ignored_path(&path), is_unknown: true });
    });
    match decoded.ok().and_then(|value| serde_json::to_value(value).ok()) {
        Some(encoded) if misfits.is_empty() => Ok(encoded),
        Some(_) => Err(misfits),
        None => {
            misfits.push(Misfit { path: existing_path(json, &track.path()), is_unknown: false });
            Err(misfits)
        }
    }
}

/// The names that lead to a member that the type did not ask for.
fn ignored_path(path: &serde_ignored::Path<'_>) -> Vec<String> {
    use serde_ignored::Path;
    let (parent, name) = match path {
        Path::Root => return Vec::new(),
        Path::Seq { parent, index } => (parent, Some(index.to_string())),
        Path::Map { parent, key } => (parent, Some(key.clone())),
        Path::Some { parent } | Path::NewtypeStruct { parent } | Path::NewtypeVariant { parent } => {
            (parent, None)
        }
    };
    let mut names = ignored_path(parent);
    names.extend(name);
    names
}

/// The names that lead to where decoding ended, as far as the value has them: the name of a variant is that of a member
/// in some forms of enums only.
fn existing_path(json: &Tree, path: &serde_path_to_error::Path) -> Vec<String> {
    use serde_path_to_error::Segment;
    let mut names = Vec::new();
    let mut at = json;
    for segment in path {
        let (name, below) = match segment {
            Segment::Seq { index } => (index.to_string(), at.get(index)),
            Segment::Map { key } => (key.clone(), at.get(key)),
            Segment::Enum { variant } => (variant.clone(), at.get(variant)),
            Segment::Unknown => break,
        };
        match below {
            Some(below) => at = below,
            None if matches!(segment, Segment::Enum { .. }) => continue,
            None => break,
        }
        names.push(name);
    }
    names
}
