//! What the phases hand to each other: `Raw…` types are as written, the others are judged and complete.

use proc_macro2::{Ident, TokenStream};
use syn::{Attribute, Expr, ItemEnum, ItemStruct, LitStr, Signature, Type, Visibility};

use crate::attr::Keyed;

/// A struct with `#[resource(…)]`.
#[derive(Debug)]
pub(crate) struct RawResource {
    /// The item without helper attributes.
    pub(crate) item: ItemStruct,
    pub(crate) doc: String,
    pub(crate) options: ResourceOptions,
    /// Whether an option was refused, so that a complaint about a missing one would be noise.
    pub(crate) options_are_whole: bool,
    pub(crate) fields: Vec<RawField>,
}

/// The options of `#[resource(…)]`.
#[derive(Debug, Default)]
pub(crate) struct ResourceOptions {
    pub(crate) collection: Option<Keyed<LitStr>>,
    pub(crate) singleton: Option<Keyed<LitStr>>,
    pub(crate) singular: Option<Keyed<LitStr>>,
    pub(crate) parent: Option<Keyed<Type>>,
    pub(crate) id: Option<Keyed<Ident>>,
    pub(crate) example: Option<Keyed<Expr>>,
    pub(crate) views: Vec<RawView>,
    pub(crate) indexes: Vec<Keyed<Vec<Ident>>>,
    pub(crate) methods: Option<Keyed<Vec<Ident>>>,
    pub(crate) without: Option<Keyed<Vec<Ident>>>,
    pub(crate) rules: Option<Ident>,
    pub(crate) changes: Option<Ident>,
    pub(crate) keep_changes: Option<Keyed<LitStr>>,
    pub(crate) upsert: Option<Ident>,
    pub(crate) across_parents: Option<Ident>,
    pub(crate) slash_verbs: Option<Ident>,
    pub(crate) require_if_match: Option<Ident>,
    pub(crate) soft_delete: Option<Keyed<LitStr>>,
    pub(crate) export: Option<Ident>,
    pub(crate) import: Option<Ident>,
    pub(crate) dropped: Option<Keyed<Vec<Ident>>>,
    pub(crate) table: Option<Keyed<LitStr>>,
    pub(crate) key: Option<Keyed<Vec<LitStr>>>,
    /// `created_at`, `created_by`, `updated_at`, `updated_by`.
    pub(crate) mapped: Vec<Keyed<LitStr>>,
}

/// A `view(…)`.
#[derive(Debug)]
pub(crate) struct RawView {
    /// The word `view`.
    pub(crate) key: Ident,
    pub(crate) name: Option<Keyed<LitStr>>,
    /// Dotted names.
    pub(crate) fields: Option<Keyed<Vec<Vec<Ident>>>>,
    /// Whether an option was refused, so that a complaint about a missing one would be noise.
    pub(crate) is_whole: bool,
}

/// A field with its `#[field(…)]`.
#[derive(Debug)]
pub(crate) struct RawField {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    pub(crate) vis: Visibility,
    /// Its `#[cfg(…)]` attributes.
    pub(crate) cfgs: Vec<Attribute>,
    pub(crate) doc: String,
    pub(crate) options: FieldOptions,
}

/// The options of `#[field(…)]`.
#[derive(Debug, Default)]
pub(crate) struct FieldOptions {
    /// The options' names in the order in which they stand.
    pub(crate) written: Vec<Ident>,
    pub(crate) length: Option<Keyed<Expr>>,
    pub(crate) range: Option<Keyed<Expr>>,
    pub(crate) pattern: Option<Keyed<LitStr>>,
    pub(crate) format: Option<Keyed<Ident>>,
    pub(crate) default: Option<Keyed<Expr>>,
    pub(crate) example: Option<Keyed<Expr>>,
    pub(crate) filter: Option<Ident>,
    pub(crate) order: Option<Ident>,
    pub(crate) search: Option<Ident>,
    pub(crate) unique: Option<Ident>,
    pub(crate) immutable: Option<Ident>,
    pub(crate) output_only: Option<Ident>,
    pub(crate) input_only: Option<Ident>,
    pub(crate) required: Option<Ident>,
    pub(crate) references: Option<Keyed<Type>>,
    pub(crate) on_delete: Option<Keyed<Ident>>,
    pub(crate) rename: Option<Keyed<LitStr>>,
    pub(crate) renamed_from: Option<Keyed<LitStr>>,
    pub(crate) converted_from: Option<Keyed<Ident>>,
    pub(crate) column: Option<Keyed<LitStr>>,
    pub(crate) texts: Option<Keyed<Vec<(Ident, LitStr)>>>,
}

/// A struct with `#[resource_value]`.
#[derive(Debug)]
pub(crate) struct RawValue {
    pub(crate) item: ItemStruct,
    pub(crate) doc: String,
    pub(crate) fields: Vec<RawField>,
}

/// An enum with `#[resource_enum]`.
#[derive(Debug)]
pub(crate) struct RawEnum {
    pub(crate) item: ItemEnum,
    pub(crate) doc: String,
    /// The documentation of each variant.
    pub(crate) variant_docs: Vec<String>,
}

/// An impl block with `#[custom_methods]`.
#[derive(Debug)]
pub(crate) struct RawMethods {
    /// The block without helper attributes.
    pub(crate) block: TokenStream,
    pub(crate) self_ty: Type,
    pub(crate) cfgs: Vec<Attribute>,
    /// Whether nothing at all stands in the block.
    pub(crate) is_empty: bool,
    pub(crate) methods: Vec<RawMethod>,
}

/// A method with `#[custom_method(…)]`.
#[derive(Debug)]
pub(crate) struct RawMethod {
    pub(crate) signature: Signature,
    pub(crate) cfgs: Vec<Attribute>,
    pub(crate) doc: String,
    pub(crate) when: Option<Keyed<Expr>>,
    pub(crate) read_only: Option<Ident>,
    pub(crate) verb: Option<Keyed<LitStr>>,
}

/// A judged resource.
#[derive(Debug)]
pub(crate) struct Resource {
    pub(crate) ident: Ident,
    pub(crate) cfgs: Vec<Attribute>,
    pub(crate) name: String,
    pub(crate) doc: String,
    pub(crate) segment: LitStr,
    /// The kind of its ids; `None` for a singleton.
    pub(crate) id: Option<&'static str>,
    /// The id that the documentation shows.
    pub(crate) example_id: Option<String>,
    pub(crate) parent: Option<Type>,
    pub(crate) views: Vec<View>,
    /// The places of the fields of each index.
    pub(crate) indexes: Vec<Vec<usize>>,
    /// The variants of `Method`.
    pub(crate) methods: Vec<&'static str>,
    pub(crate) rules: Option<Ident>,
    pub(crate) changes: bool,
    /// For how many seconds they are kept.
    pub(crate) keep_changes: Option<u64>,
    pub(crate) upsert: bool,
    pub(crate) across_parents: bool,
    pub(crate) slash_verbs: bool,
    pub(crate) require_if_match: bool,
    /// How long a deleted resource can be brought back, in seconds.
    pub(crate) soft_delete: Option<u64>,
    pub(crate) export: bool,
    pub(crate) import: bool,
    /// The columns that are to go.
    pub(crate) dropped: Vec<String>,
    pub(crate) existing: Option<Existing>,
    pub(crate) fields: Vec<Field>,
}

/// A table of somebody else's.
#[derive(Debug)]
pub(crate) struct Existing {
    pub(crate) name: LitStr,
    /// The columns of the last ids of a path.
    pub(crate) key: Vec<LitStr>,
    /// The names of the descriptor's members, with the columns.
    pub(crate) mapped: Vec<Keyed<LitStr>>,
}

/// A judged view.
#[derive(Debug)]
pub(crate) struct View {
    pub(crate) name: String,
    pub(crate) fields: Vec<ViewField>,
}

/// What a judged view names.
#[derive(Debug)]
pub(crate) struct ViewField {
    /// The names as written; at least one.
    pub(crate) path: Vec<Ident>,
    /// The place of the field that the first names; absent for one of the framework's.
    pub(crate) field: Option<usize>,
}

/// A judged field.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    pub(crate) cfgs: Vec<Attribute>,
    pub(crate) json: String,
    pub(crate) column: String,
    /// The column of an existing table, where it is called otherwise.
    pub(crate) stored: Option<LitStr>,
    pub(crate) doc: String,
    pub(crate) constraints: Vec<Constraint>,
    /// The `range` of integers as written, where not every type of integers holds it.
    pub(crate) integer_range: Option<Expr>,
    pub(crate) default: Option<Expr>,
    pub(crate) example: Option<Expr>,
    /// The resource that it refers to, and the variant of `OnDelete`.
    pub(crate) references: Option<(Type, &'static str)>,
    /// What the column was called before.
    pub(crate) renamed_from: Option<String>,
    /// What the column held before, as it is recorded.
    pub(crate) converted_from: Option<&'static str>,
    /// The texts that an existing table holds for the variants of an enum.
    pub(crate) texts: Option<Vec<(Ident, LitStr)>>,
    /// The names of the flags, which are also the names of the builder's methods.
    pub(crate) flags: Vec<Ident>,
    /// The check that the declaration or the type gives a value to start with, where one is needed.
    pub(crate) must_have_default: Option<&'static str>,
}

/// What bounds the value of a field.
#[derive(Debug)]
pub(crate) enum Constraint {
    Length(u64, u64),
    IntegerRange(Option<i64>, Option<i64>),
    FloatRange(Option<f64>, Option<f64>),
    Pattern(LitStr),
    /// A variant of `Format`.
    Format(Ident),
    /// The same, from the field's name.
    Standard(Ident),
    /// From the field's name, too.
    Labels,
}

/// A judged nested struct.
#[derive(Debug)]
pub(crate) struct Value {
    pub(crate) ident: Ident,
    pub(crate) cfgs: Vec<Attribute>,
    pub(crate) name: String,
    pub(crate) doc: String,
    pub(crate) fields: Vec<Field>,
}

/// A judged enum.
#[derive(Debug)]
pub(crate) struct Enum {
    pub(crate) ident: Ident,
    pub(crate) cfgs: Vec<Attribute>,
    pub(crate) name: String,
    pub(crate) doc: String,
    pub(crate) variants: Vec<Variant>,
    /// The traits to derive beyond the listed ones.
    pub(crate) derives: Vec<&'static str>,
    /// Whether a variant carries data, which was refused.
    pub(crate) has_data: bool,
    /// Whether `Default` is among the listed ones.
    pub(crate) derives_default: bool,
    /// The variant numbered 0.
    pub(crate) zero: Option<Ident>,
}

/// A judged variant.
#[derive(Debug)]
pub(crate) struct Variant {
    pub(crate) ident: Ident,
    pub(crate) number: i64,
    pub(crate) name: String,
    pub(crate) doc: String,
}

/// A judged impl block.
#[derive(Debug)]
pub(crate) struct Methods {
    pub(crate) self_ty: Type,
    pub(crate) cfgs: Vec<Attribute>,
    pub(crate) methods: Vec<Method>,
}

/// A judged custom method.
#[derive(Debug)]
pub(crate) struct Method {
    pub(crate) ident: Ident,
    pub(crate) cfgs: Vec<Attribute>,
    pub(crate) verb: String,
    pub(crate) doc: String,
    pub(crate) target: Target,
    pub(crate) read_only: bool,
    pub(crate) input: Option<Type>,
    /// What the context is taken by `&mut` as.
    pub(crate) context: Type,
    pub(crate) output: Type,
    /// The error, where the signature names it.
    pub(crate) error: Option<Type>,
    pub(crate) when: Option<Condition>,
}

/// What a custom method stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Collection,
    Read,
    Write,
}

/// The expression of `when = …` with the `self` of the method, whose hygiene it shares.
#[derive(Debug)]
pub(crate) struct Condition {
    pub(crate) self_token: syn::Token![self],
    pub(crate) expr: Expr,
}
