//! What generated code may name. Nothing here is part of the public interface.

mod index;
mod plain;
mod reference;
mod stored;
mod text;
mod view;

use std::marker::PhantomData;

use self::text::{Text, same};
use crate::context::Context;

pub use self::{
    index::check_index,
    plain::{BROKEN, PLAIN, PLAIN_TABLE},
    reference::{NoTarget, TargetOf, check_reference},
    view::check_member,
};
pub use crate::{
    codec::{
        call_collection, call_collection_with, call_read, call_read_with, call_write, call_write_with,
        object_to_value, rules, value_to_object, when,
    },
    descriptor::{
        CustomMethod, Descriptor, EnumDescriptor, ExistingTable, FieldDescriptor, FieldKind, Format, IdKind,
        Invocation, Method, Methods, OnDelete, Output, Pattern, Range, RuleSet, Shape, Target,
        ValueDescriptor, Variant, View,
    },
    error::{Error, Result},
    resource::{
        Answer, Condition, ContextOf, DeclaresRules, Field, Filterable, FromBoolean, FromElements, FromFloat,
        FromInteger, FromText, HasLength, HasRange, HasText, IsLabels, IsStandardText, MethodError, Parent,
        Resource, ResourceValue, Root, Rules, Scalar, Searchable,
    },
    value::{Row, Value},
};

/// The custom methods of a type, which its `#[custom_methods]` block lists.
///
/// A second block implements it a second time; the compiler then says the trait's name.
pub trait PutAllCustomMethodsIntoOneBlock {
    /// The methods in the order of the block.
    const METHODS: &'static [CustomMethod];
}

/// Where `#[resource]` finds the methods of an impl block that it cannot see.
#[derive(Debug)]
pub struct CustomMethodsOf<T>(PhantomData<T>);

impl<T: PutAllCustomMethodsIntoOneBlock> CustomMethodsOf<T> {
    /// The methods of a type with a block; this shadows the constant of [`NoCustomMethods`].
    pub const LIST: &'static [CustomMethod] = T::METHODS;
}

/// The empty list that a type without a block has.
pub trait NoCustomMethods {
    /// No methods.
    const LIST: &'static [CustomMethod] = &[];
}

impl<T> NoCustomMethods for CustomMethodsOf<T> {}

/// One field of a resource or nested struct with its type, so that generated code names the type once.
#[derive(Debug)]
pub struct Column<T> {
    /// The description.
    pub field: FieldDescriptor,
    to_value: fn(&T) -> Value,
    from_value: fn(Value) -> Result<T>,
}

/// A field without constraints.
///
/// # Panics
///
/// In a constant, so that it does not compile: where the type is an `Option` of an `Option`.
#[track_caller]
pub const fn field<T: Field>(name: &'static str, column: &'static str) -> Column<T> {
    if T::TWICE_NULLABLE {
        let text = Text::new("[RS095] field `").and(column).and(
            "` is an `Option` of an `Option`\n\
             note: JSON has one `null`, which cannot tell the two apart\n\
             help: write `Option<…>` once",
        );
        panic!("{}", text.as_str());
    }
    Column {
        field: FieldDescriptor {
            name,
            rust_name: column,
            column,
            doc: "",
            kind: T::KIND,
            nullable: T::NULLABLE,
            length: None,
            range: None,
            pattern: None,
            format: None,
            default: None,
            example: None,
            filter: false,
            order: false,
            search: false,
            unique: false,
            immutable: false,
            output_only: false,
            input_only: false,
            required: false,
            references: None,
            renamed_from: None,
            converted_from: None,
            texts: None,
        },
        to_value: T::to_value,
        from_value: T::from_value,
    }
}

impl<T> Column<T> {
    /// The description with the field's documentation.
    #[must_use]
    pub const fn documented(&self, doc: &'static str) -> FieldDescriptor {
        FieldDescriptor { doc, ..self.field }
    }

    /// The value of a default or example.
    #[expect(clippy::needless_pass_by_value, reason = "what the author wrote becomes the argument as it is")]
    pub fn value(&self, field: T) -> Value {
        (self.to_value)(&field)
    }

    /// The value of a default or example that is a text literal.
    ///
    /// A text that is not of the field's form stays text, which the start refuses.
    pub fn text(&self, written: &str) -> Value
    where
        T: FromText,
    {
        T::from_text(written).map_or_else(|| Value::Text(written.to_owned()), |value| (self.to_value)(&value))
    }

    /// The value of a default or example that is an integer literal.
    pub fn integer<L>(&self, written: L) -> Value
    where
        T: FromInteger<L>,
    {
        (self.to_value)(&T::from_integer(written))
    }

    /// The value of a default or example that is a literal with a point.
    pub fn float(&self, written: f64) -> Value
    where
        T: FromFloat,
    {
        (self.to_value)(&T::from_float(written))
    }

    /// The value of a default or example that is `true` or `false`.
    pub fn boolean(&self, written: bool) -> Value
    where
        T: FromBoolean,
    {
        (self.to_value)(&T::from_boolean(written))
    }

    /// The value of a default or example that is a list in brackets.
    pub fn elements<const N: usize>(&self, written: [T::Element; N]) -> Value
    where
        T: FromElements,
    {
        (self.to_value)(&T::from_elements(written.into()))
    }

    /// The same of text literals.
    ///
    /// One that is not of the elements' form stays text, which the start refuses.
    pub fn texts<const N: usize>(&self, written: [&str; N]) -> Value
    where
        T: FromElements<Element: FromText>,
    {
        let mut elements = Vec::with_capacity(N);
        for text in written {
            match T::Element::from_text(text) {
                Some(element) => elements.push(element),
                None => return Value::Text(text.to_owned()),
            }
        }
        (self.to_value)(&T::from_elements(elements))
    }

    /// The same of integer literals.
    pub fn integers<L, const N: usize>(&self, written: [L; N]) -> Value
    where
        T: FromElements<Element: FromInteger<L>>,
    {
        self.elements(written.map(T::Element::from_integer))
    }

    /// The same of literals with a point.
    pub fn floats<const N: usize>(&self, written: [f64; N]) -> Value
    where
        T: FromElements<Element: FromFloat>,
    {
        self.elements(written.map(T::Element::from_float))
    }

    /// The same of `true` and `false`.
    pub fn booleans<const N: usize>(&self, written: [bool; N]) -> Value
    where
        T: FromElements<Element: FromBoolean>,
    {
        self.elements(written.map(T::Element::from_boolean))
    }

    /// The value of the field.
    pub fn encode(&self, field: &T) -> Value {
        (self.to_value)(field)
    }

    /// The field from the value at `index`.
    pub fn decode(&self, row: &mut Row, index: usize) -> Result<T> {
        (self.from_value)(row.take(index))
    }

    /// Bounds the characters or elements.
    pub const fn length(mut self, min: u64, max: u64) -> Self
    where
        T: HasLength,
    {
        self.field.length = Some((min, max));
        self
    }

    /// Bounds an integer.
    pub const fn range(mut self, min: Option<i64>, max: Option<i64>) -> Self
    where
        T: HasRange<i64>,
    {
        self.field.range = Some(Range::Integer(min, max));
        self
    }

    /// Bounds a floating-point number.
    pub const fn float_range(mut self, min: Option<f64>, max: Option<f64>) -> Self
    where
        T: HasRange<f64>,
    {
        self.field.range = Some(Range::Float(min, max));
        self
    }

    /// Demands a match in full.
    pub const fn pattern(mut self, pattern: &'static Pattern) -> Self
    where
        T: HasText,
    {
        self.field.pattern = Some(pattern);
        self
    }

    /// Demands a well-known form.
    pub const fn format(mut self, format: Format) -> Self
    where
        T: HasText,
    {
        self.field.format = Some(format);
        self
    }

    /// Demands the form that the standard gives to fields of this name.
    pub const fn standard(mut self, format: Format) -> Self
    where
        T: IsStandardText,
    {
        self.field.format = Some(format);
        self
    }

    /// Demands the type that the standard gives to `labels`.
    pub const fn labels(self) -> Self
    where
        T: IsLabels,
    {
        self
    }

    /// The value of an omitted field.
    pub const fn default(mut self, default: fn() -> Value) -> Self {
        self.field.default = Some(default);
        self
    }

    /// The value that documentation shows.
    pub const fn example(mut self, example: fn() -> Value) -> Self {
        self.field.example = Some(example);
        self
    }

    /// Can be filtered by.
    pub const fn filter(mut self) -> Self
    where
        T: Filterable,
    {
        self.field.filter = true;
        self
    }

    /// Can be ordered by.
    pub const fn order(mut self) -> Self
    where
        T: Scalar,
    {
        self.field.order = true;
        self
    }

    /// Can be searched for words.
    pub const fn search(mut self) -> Self
    where
        T: Searchable,
    {
        self.field.search = true;
        self
    }

    /// No two may be equal.
    pub const fn unique(mut self) -> Self
    where
        T: Scalar,
    {
        self.field.unique = true;
        self
    }

    /// Fixed once created.
    pub const fn immutable(mut self) -> Self {
        self.field.immutable = true;
        self
    }

    /// Set by the service only.
    pub const fn output_only(mut self) -> Self {
        self.field.output_only = true;
        self
    }

    /// Never returned.
    pub const fn input_only(mut self) -> Self {
        self.field.input_only = true;
        self
    }

    /// Must be sent, although the type has a value of its own where nothing is.
    ///
    /// # Panics
    ///
    /// In a constant, so that it does not compile: where the type has none, or the field a default.
    #[track_caller]
    pub const fn required(mut self) -> Self {
        let implied = matches!(self.field.kind, FieldKind::Enum(_) | FieldKind::List(_) | FieldKind::Map(_));
        if !implied || self.field.nullable || self.field.default.is_some() {
            let text = Text::new("[RS100] field `").and(self.field.rust_name).and(
                "` cannot be `required`\n\
                 note: the option is for an enum, a list or a map without a default; an `Option` or a `default` says that the \
                 field may be left out, and any other field is required as it is\n\
                 help: leave `required` out, or the `Option` or `default`",
            );
            panic!("{}", text.as_str());
        }
        self.field.required = true;
        self
    }
}

/// What the option `rules` promises of its type.
#[diagnostic::on_unimplemented(
    message = "[RS036] `{Self}` has the option `rules` and does not implement `Rules`",
    label = "promised here",
    note = "write `impl Rules for {Self} {{ … }}`, or leave `rules` out"
)]
pub trait HasRules: Rules {}

#[diagnostic::do_not_recommend]
impl<T: Rules> HasRules for T {}

/// The rules of `T` as function pointers.
#[must_use]
pub const fn rules_of<T: HasRules>() -> RuleSet {
    rules::<T>()
}

/// The context of a custom method as its signature takes it.
pub fn context<C: ContextOf<T>, T>(context: &mut Context<T>) -> &mut C {
    C::of(context)
}

/// The condition of a custom method.
#[must_use]
pub const fn condition(when: fn(&Row) -> Result<bool>) -> Option<fn(&Row) -> Result<bool>> {
    Some(when)
}

/// Whether a custom method is allowed, by its `when`.
pub fn holds<T: Condition>(condition: T) -> bool {
    condition.holds()
}

/// The parent's descriptor. Generated code asks here, so that a parent that is none is refused once.
#[must_use]
pub const fn parent_of<T: Resource>() -> Option<fn() -> &'static Descriptor> {
    <T::Parent as Parent>::NODE
}

/// The values of a resource or nested struct, in the order of its fields.
#[must_use]
pub fn row<const N: usize>(values: [Value; N]) -> Row {
    Row(values.into())
}

/// Refuses a child that is called like a slash verb of its parent: the address would have two meanings.
///
/// # Panics
///
/// In a constant, so that it does not compile.
#[track_caller]
pub const fn check_segment<T: Resource>(segment: &str) {
    let verbs = <T::Parent as Parent>::SLASH_VERBS;
    let mut at = 0;
    while at < verbs.len() {
        if same(verbs[at].verb, segment) {
            let text = Text::new("[RS038] `").and(segment).and(
                "` is also a verb of the parent, which takes verbs as `/verb`: the address would have two meanings\n\
                 help: give the child or the verb another name, or leave `slash_verbs` out",
            );
            panic!("{}", text.as_str());
        }
        at += 1;
    }
}

/// Refuses a field of a singleton that has no value when nobody sends one.
///
/// # Panics
///
/// In a constant, so that it does not compile.
#[track_caller]
pub const fn check_singleton_default(field: &FieldDescriptor) {
    if !has_default(field) {
        let text = Text::new("[RS053] field `").and(field.rust_name).and(
            "` of a singleton has no default value\n\
             note: a singleton exists as soon as its parent does\n\
             help: write `#[field(default = …)]`, or make its type an `Option`",
        );
        panic!("{}", text.as_str());
    }
}

/// Refuses an output-only field that has no value at create.
///
/// # Panics
///
/// In a constant, so that it does not compile.
#[track_caller]
pub const fn check_output_default(field: &FieldDescriptor) {
    if !has_default(field) {
        let text = Text::new("[RS054] field `").and(field.rust_name).and(
            "` is `output_only` and has no default value\n\
             note: no client sends it when the resource is created\n\
             help: write `#[field(default = …)]`, or make its type an `Option`",
        );
        panic!("{}", text.as_str());
    }
}

/// Refuses a range of integers that the field's type cannot hold.
///
/// # Panics
///
/// In a constant, so that it does not compile.
#[track_caller]
pub const fn check_range(field: &FieldDescriptor) {
    let FieldKind::Integer { min: least, max: most } = field.kind else { return };
    let Some(Range::Integer(min, max)) = field.range else { return };
    let (min, max) = (unless(min, least), unless(max, most));
    if least <= min && max <= most {
        return;
    }
    let (low, high) = (if min < least { least } else { min }, if max > most { most } else { max });
    let (low, high) = if low <= high { (low, high) } else { (least, most) };
    let text = Text::new("[RS096] the `range` of field `")
        .and(field.rust_name)
        .and("` goes beyond its type\nnote: the type holds ")
        .and_number(least)
        .and(" to ")
        .and_number(most)
        .and("\nhelp: write `range = ")
        .and_number(low)
        .and("..=")
        .and_number(high)
        .and("`, or take a type that holds more, such as `i64`");
    panic!("{}", text.as_str());
}

const fn unless(written: Option<i64>, otherwise: i64) -> i64 {
    match written {
        Some(written) => written,
        None => otherwise,
    }
}

/// Refuses rules of a singleton that nobody would ask.
///
/// # Panics
///
/// In a constant, so that it does not compile.
#[track_caller]
pub const fn check_singleton_rules<T: HasRules>() {
    let name = if is_own(T::on_create as fn(&'static mut T, &'static mut Context<T>) -> _) {
        "on_create"
    } else if is_own(T::on_delete as fn(&'static T, &'static mut Context<T>) -> _) {
        "on_delete"
    } else {
        return;
    };
    let text = Text::new("[RS099] a singleton is never asked `").and(name).and(
        "`\n\
         note: it exists as soon as its parent does, and as long\n\
         help: leave it out; `on_update` judges every write of a singleton",
    );
    panic!("{}", text.as_str());
}

/// Whether a rule is the author's own, and not the one that every resource has.
///
/// The future of an `async fn` keeps the function's arguments; the one of the trait's own rules keeps nothing.
const fn is_own<A, B, F>(_: fn(A, B) -> F) -> bool {
    size_of::<F>() >= size_of::<(A, B)>()
}

/// Whether the field has a value when nobody sends one.
pub const fn has_default(field: &FieldDescriptor) -> bool {
    !field.required
        && (field.default.is_some()
            || field.nullable
            || matches!(field.kind, FieldKind::Enum(_) | FieldKind::List(_) | FieldKind::Map(_)))
}

/// Whether no slash verb of the parent is called `segment`: the address would have two meanings.
#[must_use]
pub const fn is_free_segment<T: Resource>(segment: &str) -> bool {
    let verbs = <T::Parent as Parent>::SLASH_VERBS;
    let mut at = 0;
    while at < verbs.len() {
        if same(verbs[at].verb, segment) {
            return false;
        }
        at += 1;
    }
    true
}

/// Refuses a stored number that no variant of the enum has.
///
/// # Errors
///
/// Always `Internal`.
pub fn unknown_variant<T>(name: &str, value: &Value) -> Result<T> {
    Err(Error::internal(format!("{value:?} is the number of no variant of `{name}`")))
}

/// Stands in for the code of a refused declaration.
///
/// # Panics
///
/// Always; the refusal keeps the program from being built.
pub fn broken() -> ! {
    unreachable!("a refused declaration was built")
}
