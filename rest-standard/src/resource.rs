//! The traits that tie an author's types to their descriptors, and what types a field can have.
//!
//! The macros judge syntax only; whether a type fits is judged here, by the compiler, through bounds with messages in
//! the words of the field.

mod foreign;
mod standard;

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};
use serde_json::{Map, Value as Tree};
use uuid::Uuid;

use crate::{
    codec,
    context::Context,
    descriptor::{CustomMethod, Descriptor, Element, FieldKind, Output, ValueDescriptor},
    error::{Error, Result},
    value::{Row, Value},
};

pub use foreign::Json;
pub use standard::{IsLabels, IsStandardText};

/// A struct annotated with `#[resource]`.
#[diagnostic::on_unimplemented(
    message = "[RS039] `{Self}` is not a resource",
    label = "missing `#[resource(…)]` on this type",
    note = "annotate the struct: `#[resource(collection = \"devices\")] struct Device {{ … }}`"
)]
pub trait Resource: Sized + Send + Sync + 'static {
    /// The resource that this one stands under, or [`Root`].
    type Parent: Parent;
    /// The description that everything else reads.
    const DESCRIPTOR: &'static Descriptor;
    /// Builds the struct from its values.
    ///
    /// # Errors
    ///
    /// When a stored value does not fit the declared type.
    fn decode(row: Row) -> Result<Self>;
    /// The struct's values.
    fn encode(&self) -> Row;
}

/// The API root as a parent.
#[derive(Clone, Copy, Debug)]
pub struct Root;

/// What a resource can stand under: another resource, or the API root.
#[diagnostic::on_unimplemented(
    message = "[RS035] `{Self}` cannot be a parent: it is not a resource",
    label = "missing `#[resource(…)]` on this type",
    note = "a parent is another struct with `#[resource(collection = \"…\")]`; leave `parent` out for the API root"
)]
pub trait Parent {
    /// The parent's descriptor; `None` for the root.
    const NODE: Option<fn() -> &'static Descriptor>;
    /// The verbs that the parent also accepts as a segment, which no child may be called by.
    const SLASH_VERBS: &'static [CustomMethod];
}

impl Parent for Root {
    const NODE: Option<fn() -> &'static Descriptor> = None;
    const SLASH_VERBS: &'static [CustomMethod] = &[];
}

#[diagnostic::do_not_recommend]
impl<T: Resource> Parent for T {
    const NODE: Option<fn() -> &'static Descriptor> = Some(|| T::DESCRIPTOR);
    const SLASH_VERBS: &'static [CustomMethod] =
        if T::DESCRIPTOR.slash_verbs { T::DESCRIPTOR.custom_methods } else { &[] };
}

/// A struct annotated with `#[resource_value]`: a nested object, or the input or output of a custom method.
#[diagnostic::on_unimplemented(
    message = "[RS090] `{Self}` cannot be the body of a custom method",
    label = "missing `#[resource_value]` on this type",
    note = "name a struct: `#[resource_value] pub struct Options {{ … }}`"
)]
pub trait ResourceValue: Field {
    /// The description of its members.
    const DESCRIPTOR: &'static ValueDescriptor;
    /// Builds the struct from its members' values.
    ///
    /// # Errors
    ///
    /// When a stored value does not fit the declared type.
    fn decode(row: Row) -> Result<Self>;
    /// The members' values.
    fn encode(&self) -> Row;
}

/// What a custom method may answer with: `Result<()>` or `Result<T>` of a `#[resource_value]`.
#[diagnostic::on_unimplemented(
    message = "[RS091] `{Self}` cannot be sent as a response body",
    label = "not `()` and not a `#[resource_value]`",
    note = "return `Result<()>` to answer with the resource, or annotate the type with `#[resource_value]`"
)]
pub trait Answer: Send + 'static {
    /// What the method's description says.
    const OUTPUT: Output;
    /// The answer as JSON; `None` for `()`.
    fn into_output(self) -> Option<Tree>;
}

impl Answer for () {
    const OUTPUT: Output = Output::Resource;
    fn into_output(self) -> Option<Tree> {
        None
    }
}

#[diagnostic::do_not_recommend]
impl<T: ResourceValue> Answer for T {
    const OUTPUT: Output = Output::Value(T::DESCRIPTOR);
    fn into_output(self) -> Option<Tree> {
        Some(codec::object_to_json(T::DESCRIPTOR.fields, &self.encode(), codec::Audience::Client))
    }
}

/// The context that a custom method of `R` takes, which generated code asks for in the words of the method's signature.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "[RS092] `{Self}` is not the context of `{R}`",
    label = "not the context of this resource",
    note = "write `cx: &mut Context<Self>`"
)]
pub trait ContextOf<R> {
    /// The context itself.
    fn of(context: &mut Context<R>) -> &mut Self;
}

impl<R> ContextOf<R> for Context<R> {
    fn of(context: &mut Self) -> &mut Self {
        context
    }
}

/// What a custom method may fail with.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "[RS093] `{Self}` is not the error of a custom method",
    label = "not `rest_standard::error::Error`",
    note = "write `-> Result<…>` with one type, as the prelude has it; `?` makes its error of any other"
)]
pub trait MethodError: Send + 'static {
    /// The error itself.
    fn into_error(self) -> Error;
}

impl MethodError for Error {
    fn into_error(self) -> Error {
        self
    }
}

/// What `when` may be.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "[RS088] `when` needs a `bool`, and this is a `{Self}`",
    label = "not a `bool`",
    note = "compare it: `when = self.mode == Mode::On`"
)]
pub trait Condition {
    /// Whether the method is allowed.
    fn holds(self) -> bool;
}

impl Condition for bool {
    fn holds(self) -> bool {
        self
    }
}

/// Nothing is one. With a single implementation the compiler would take every condition for a `bool`, and say of others
/// that the types differ.
impl Condition for std::convert::Infallible {
    fn holds(self) -> bool {
        match self {}
    }
}

/// What the word `rules` in `#[resource(…)]` says of a type, so that rules that nobody would ask do not compile.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "[RS037] `{Self}` implements `Rules` and does not have the option `rules`",
    label = "these rules would never be asked",
    note = "write `#[resource(…, rules)]` on `{Self}`"
)]
pub trait DeclaresRules {}

/// The author's rules on the standard methods, switched on by the word `rules` in `#[resource(…)]`.
///
/// Without that word the implementation does not compile.
///
///
/// They run after a request's values were checked and before anything is written, on every way in: PUT, PATCH, POST,
/// DELETE, custom methods, writes of other resources' code, and dry runs.
pub trait Rules: Resource + DeclaresRules {
    /// Judges and completes a resource that is about to be created.
    fn on_create(&mut self, cx: &mut Context<Self>) -> impl Future<Output = Result<()>> + Send {
        let _ = cx;
        async { Ok(()) }
    }

    /// Judges and completes an update; `before` is the resource as it is stored.
    fn on_update(
        &mut self,
        before: &Self,
        cx: &mut Context<Self>,
    ) -> impl Future<Output = Result<()>> + Send {
        let _ = (before, cx);
        async { Ok(()) }
    }

    /// Judges a delete.
    fn on_delete(&self, cx: &mut Context<Self>) -> impl Future<Output = Result<()>> + Send {
        cx.is_judged = false;
        async { Ok(()) }
    }
}

/// A type that a field can have.
#[diagnostic::on_unimplemented(
    message = "[RS045] `{Self}` cannot be the type of a field",
    label = "no column type for this field",
    note = "a field is a `String`, `bool`, `i8`…`i64`, `u8`…`u32`, `f64`, `Uuid`, `Timestamp`, `Date` or `Bytes`, an `Option`, `Vec` or `BTreeMap<String, _>` of these, a `#[resource_enum]`, a `#[resource_value]`, or a `Json` of a type that has a schema",
    note = "in place of `u64`, `usize` or `u128` write `i64`; of `f32`, `f64`; of `&str` or `char`, `String`; of another map, `BTreeMap<String, _>`; of another list, a set or an array, `Vec`; of a `Box`, what is in it",
    note = "if it is a struct of your own, write `#[resource_value]` above it; if it is an enum, `#[resource_enum]`"
)]
pub trait Field: Sized + Send + Sync + 'static {
    /// The type as the wire and the stores see it.
    const KIND: FieldKind;
    /// Whether the value may be absent.
    const NULLABLE: bool = false;
    /// Whether it is an `Option` of an `Option`, which has no form in JSON.
    #[doc(hidden)]
    const TWICE_NULLABLE: bool = false;
    /// The field's value.
    fn to_value(&self) -> Value;
    /// The field from its value.
    ///
    /// # Errors
    ///
    /// When a stored value does not fit the type.
    fn from_value(value: Value) -> Result<Self>;
}

/// A type that a text literal in `default` or `example` stands for.
#[diagnostic::on_unimplemented(
    message = "[RS063] a text literal is not a value of `{Self}`",
    label = "not a `{Self}`",
    note = "write it without quotes: a literal of the field's type, such as `default = 5`, or an expression that gives one, such as `default = Mode::On`"
)]
pub trait FromText: Field {
    /// The value that was written; `None` where the text is not of the form that the type has.
    fn from_text(written: &str) -> Option<Self>;
}

#[diagnostic::do_not_recommend]
impl<T: FromText> FromText for Option<T> {
    fn from_text(written: &str) -> Option<Self> {
        T::from_text(written).map(Some)
    }
}

/// A type that an integer literal in `default` or `example` stands for.
#[diagnostic::on_unimplemented(
    message = "[RS063] an integer literal is not a value of `{Self}`",
    label = "not a `{Self}`",
    note = "write a literal of the field's type, in quotes where it is text, or an expression that gives one, such as `default = Mode::On`"
)]
pub trait FromInteger<L>: Field {
    /// The value that was written.
    fn from_integer(written: L) -> Self;
}

#[diagnostic::do_not_recommend]
impl<L, T: FromInteger<L>> FromInteger<L> for Option<T> {
    fn from_integer(written: L) -> Self {
        Some(T::from_integer(written))
    }
}

/// A type that a literal with a point in `default` or `example` stands for.
#[diagnostic::on_unimplemented(
    message = "[RS063] a literal with a point is not a value of `{Self}`",
    label = "not a `{Self}`",
    note = "write a literal of the field's type, or an expression that gives one, such as `default = Mode::On`"
)]
pub trait FromFloat: Field {
    /// The value that was written.
    fn from_float(written: f64) -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: FromFloat> FromFloat for Option<T> {
    fn from_float(written: f64) -> Self {
        Some(T::from_float(written))
    }
}

/// A type that `true` or `false` in `default` or `example` stands for.
#[diagnostic::on_unimplemented(
    message = "[RS063] `true` or `false` is not a value of `{Self}`",
    label = "not a `{Self}`",
    note = "write a literal of the field's type, or an expression that gives one, such as `default = Mode::On`"
)]
pub trait FromBoolean: Field {
    /// The value that was written.
    fn from_boolean(written: bool) -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: FromBoolean> FromBoolean for Option<T> {
    fn from_boolean(written: bool) -> Self {
        Some(T::from_boolean(written))
    }
}

/// A type that a list in brackets in `default` or `example` stands for.
#[diagnostic::on_unimplemented(
    message = "[RS063] a list in brackets is not a value of `{Self}`",
    label = "not a `{Self}`",
    note = "write a literal of the field's type, or an expression that gives one; a list in brackets is for a `Vec`"
)]
pub trait FromElements: Field {
    /// What it is a list of.
    type Element: Field;
    /// The value that was written.
    fn from_elements(written: Vec<Self::Element>) -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: Field> FromElements for Vec<T> {
    type Element = T;
    fn from_elements(written: Self) -> Self {
        written
    }
}

#[diagnostic::do_not_recommend]
impl<T: FromElements> FromElements for Option<T> {
    type Element = T::Element;
    fn from_elements(written: Vec<T::Element>) -> Self {
        Some(T::from_elements(written))
    }
}

impl FromText for String {
    fn from_text(written: &str) -> Option<Self> {
        Some(written.to_owned())
    }
}

impl FromText for Uuid {
    fn from_text(written: &str) -> Option<Self> {
        parsed(written)
    }
}

impl FromText for Timestamp {
    fn from_text(written: &str) -> Option<Self> {
        parsed(written)
    }
}

impl FromText for Date {
    fn from_text(written: &str) -> Option<Self> {
        parsed(written)
    }
}

/// The value in the form in which clients send it.
fn parsed<T: Field>(written: &str) -> Option<T> {
    T::from_value(codec::parse_text(T::KIND, written)?).ok()
}

impl FromFloat for f64 {
    fn from_float(written: f64) -> Self {
        written
    }
}

impl FromBoolean for bool {
    fn from_boolean(written: bool) -> Self {
        written
    }
}

/// A type that `length` applies to.
#[diagnostic::on_unimplemented(
    message = "[RS064] `length` does not apply to `{Self}`",
    label = "has no length",
    note = "`length` bounds the characters of a `String` and the elements of a `Vec` or `BTreeMap`"
)]
pub trait HasLength {}
impl HasLength for String {}
impl<T> HasLength for Vec<T> {}
impl<T> HasLength for BTreeMap<String, T> {}
impl<T: HasLength> HasLength for Option<T> {}

/// A type that `range` applies to with bounds of type `B`.
#[diagnostic::on_unimplemented(
    message = "[RS065] `range` with these bounds does not apply to `{Self}`",
    label = "not a number of that kind",
    note = "an integer field takes integer bounds, such as `0..=10`; an `f64` field takes bounds with a point, such as `0.0..=1.0`"
)]
pub trait HasRange<B> {}
impl HasRange<f64> for f64 {}
impl<B, T: HasRange<B>> HasRange<B> for Option<T> {}

/// A type that `pattern` and `format` apply to.
#[diagnostic::on_unimplemented(
    message = "[RS066] `pattern` and `format` do not apply to `{Self}`",
    label = "not text",
    note = "`pattern` and `format` judge a `String` or `Option<String>`"
)]
pub trait HasText {}
impl HasText for String {}
impl HasText for Option<String> {}

/// A type that a list can be ordered by, and that can be unique.
#[diagnostic::on_unimplemented(
    message = "[RS067] a list cannot be ordered by `{Self}`, nor can it be unique",
    label = "not a single value",
    note = "`order` and `unique` apply to text, numbers, booleans, enums, UUIDs, timestamps and dates, and to `Option`s of them"
)]
pub trait Scalar {}
impl<T: Scalar> Scalar for Option<T> {}

/// A type that a list can be filtered by: a single value, or a list, map or struct of such.
#[diagnostic::on_unimplemented(
    message = "[RS067] a list cannot be filtered by `{Self}`",
    label = "no comparison is defined for it",
    note = "`filter` applies to text, numbers, booleans, enums, UUIDs, timestamps and dates, to structs with `#[resource_value]`, and to `Option`s, lists and maps of all these"
)]
pub trait Filterable {}
impl<T: Filterable> Filterable for Option<T> {}
impl<T: Filterable> Filterable for Vec<T> {}
impl<T: Filterable> Filterable for BTreeMap<String, T> {}
#[diagnostic::do_not_recommend]
impl<T: ResourceValue> Filterable for T {}

/// A type that a list can be searched for words in: text, and lists of texts.
#[diagnostic::on_unimplemented(
    message = "[RS067] a list cannot be searched for words in `{Self}`",
    label = "has no words",
    note = "`search` applies to `String` and `Vec<String>`, and to `Option`s of them"
)]
pub trait Searchable {}
impl Searchable for String {}
impl Searchable for Vec<String> {}
impl<T: Searchable> Searchable for Option<T> {}

fn mismatch<T>(kind: &str, value: &Value) -> Result<T> {
    Err(Error::internal(format!("a stored value does not fit its field: expected {kind}, found {value:?}")))
}

macro_rules! scalar {
    ($($ty:ty, $kind:expr, $variant:ident, $name:literal;)*) => {$(
        impl Scalar for $ty {}
        impl Filterable for $ty {}
        impl Field for $ty {
            const KIND: FieldKind = $kind;
            fn to_value(&self) -> Value {
                Value::$variant(self.clone())
            }
            fn from_value(value: Value) -> Result<Self> {
                match value {
                    Value::$variant(inner) => Ok(inner),
                    other => mismatch($name, &other),
                }
            }
        }
    )*};
}

scalar! {
    String, FieldKind::Text, Text, "text";
    bool, FieldKind::Bool, Bool, "a boolean";
    f64, FieldKind::Float, Float, "a number";
    Uuid, FieldKind::Uuid, Uuid, "a UUID";
    Date, FieldKind::Date, Date, "a date";
}

impl Scalar for Timestamp {}
impl Filterable for Timestamp {}
impl Field for Timestamp {
    const KIND: FieldKind = FieldKind::Timestamp;
    /// The instant in whole microseconds, which is what a client reads and every store gives back.
    fn to_value(&self) -> Value {
        Value::Timestamp(codec::whole_microseconds(*self))
    }
    fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::Timestamp(inner) => Ok(inner),
            other => mismatch("a timestamp", &other),
        }
    }
}

macro_rules! integers {
    ($($ty:ty)*) => {$(
        impl Scalar for $ty {}
        impl Filterable for $ty {}
        impl HasRange<i64> for $ty {}
        impl FromInteger<$ty> for $ty {
            fn from_integer(written: $ty) -> Self {
                written
            }
        }
        impl Field for $ty {
            const KIND: FieldKind = FieldKind::Integer { min: <$ty>::MIN as i64, max: <$ty>::MAX as i64 };
            fn to_value(&self) -> Value {
                Value::Integer(i64::from(*self))
            }
            fn from_value(value: Value) -> Result<Self> {
                match value {
                    Value::Integer(inner) => match Self::try_from(inner) {
                        Ok(inner) => Ok(inner),
                        Err(_) => mismatch(stringify!($ty), &Value::Integer(inner)),
                    },
                    other => mismatch("an integer", &other),
                }
            }
        }
    )*};
}

integers!(i8 i16 i32 i64 u8 u16 u32);

/// Bytes, base64 on the wire.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Bytes(pub Vec<u8>);

impl Field for Bytes {
    const KIND: FieldKind = FieldKind::Bytes;
    fn to_value(&self) -> Value {
        Value::Bytes(self.0.clone())
    }
    fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::Bytes(inner) => Ok(Self(inner)),
            other => mismatch("bytes", &other),
        }
    }
}

#[diagnostic::do_not_recommend]
impl<T: Field> Field for Option<T> {
    const KIND: FieldKind = T::KIND;
    const NULLABLE: bool = true;
    const TWICE_NULLABLE: bool = T::NULLABLE || T::TWICE_NULLABLE;
    fn to_value(&self) -> Value {
        self.as_ref().map_or(Value::Null, Field::to_value)
    }
    fn from_value(value: Value) -> Result<Self> {
        if value.is_null() { Ok(None) } else { T::from_value(value).map(Some) }
    }
}

#[diagnostic::do_not_recommend]
impl<T: Field> Field for Vec<T> {
    const KIND: FieldKind = FieldKind::List(&Element { kind: T::KIND, nullable: T::NULLABLE });
    fn to_value(&self) -> Value {
        Value::Json(Tree::Array(self.iter().map(|item| codec::to_json(T::KIND, &item.to_value())).collect()))
    }
    fn from_value(value: Value) -> Result<Self> {
        let Value::Json(Tree::Array(items)) = value else { return mismatch("a list", &value) };
        items.into_iter().map(|item| T::from_value(codec::from_stored_json(T::KIND, item)?)).collect()
    }
}

#[diagnostic::do_not_recommend]
impl<T: Field> Field for BTreeMap<String, T> {
    const KIND: FieldKind = FieldKind::Map(&Element { kind: T::KIND, nullable: T::NULLABLE });
    fn to_value(&self) -> Value {
        let members =
            self.iter().map(|(name, item)| (name.clone(), codec::to_json(T::KIND, &item.to_value())));
        Value::Json(Tree::Object(members.collect::<Map<_, _>>()))
    }
    fn from_value(value: Value) -> Result<Self> {
        let Value::Json(Tree::Object(members)) = value else { return mismatch("a map", &value) };
        members
            .into_iter()
            .map(|(name, item)| Ok((name, T::from_value(codec::from_stored_json(T::KIND, item)?)?)))
            .collect()
    }
}
