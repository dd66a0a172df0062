//! The attribute macros of `rest-standard`.
//!
//! Depend on `rest-standard`, which re-exports them with the types that they name; this crate alone is of no use.
//! Each macro is parse → check → expand: `parse` turns tokens into `Raw…` types, `check` judges them and reports every
//! mistake to a sink, `expand` writes tokens and decides nothing.

mod attr;
mod check;
mod code;
mod diag;
mod doc;
mod expand;
mod model;
mod parse;
mod symbol;
mod synonym;
#[cfg(test)]
mod tests;

use proc_macro::TokenStream;
use rest_standard_names as name;

/// Makes a struct with named fields a resource: a collection or a singleton of the API.
///
/// | option | meaning |
/// |---|---|
/// | `collection = "devices"` | the plural kebab-case path segment of a collection |
/// | `singleton = "state"` | the singular kebab-case path segment of a singleton |
/// | `singular = "device"` | the singular of the segment, where the word or its plural is not recognised |
/// | `parent = DeviceType` | the resource it stands under; the API root if left out |
/// | `id = Uuid` | `Uuid` (default), `Slug` or `Integer`, with `table` also `Text`; collections only |
/// | `example = "front-door"` | the id that the documentation shows; a number for `id = Integer` |
/// | `view(name = "summary", fields(display_name, address.street))` | a selection that `$select=summary` names; several are possible |
/// | `index(volume, display_name)` | an index for lists that are filtered by the first fields and ordered by the next; several are possible |
/// | `methods(list, read)` | exactly these standard methods |
/// | `without(delete)` | all standard methods but these; `batch` stands for the batch verbs |
/// | `rules` | the type implements `Rules` |
/// | `changes`, `changes = "90d"` | each change is recorded in a child collection `changes`, and kept forever or for this time (`d`, `h`, `m` or `s`; 10 years at most) |
/// | `upsert` | PUT on an absent id creates |
/// | `slash_verbs` | `/{verb}` is accepted beside `:{verb}`, but not on a collection whose ids are slugs: it could be one |
/// | `across_parents` | the collection is also listed below all parents at once, with `-` in the place of their ids (AIP-159); collections with a parent |
/// | `require_if_match` | a write must carry `If-Match` |
/// | `soft_delete = "30d"` | Delete marks, `:undelete` brings back, and after this time the resource is gone; collections only |
/// | `export` | `:export` answers with the whole collection, as NDJSON or CSV; collections only |
/// | `import` | `:import` creates a resource for each line of an NDJSON body; collections only |
/// | `dropped(old_code)` | columns of an earlier release that `migrate apply` drops |
/// | `table = "Invoice"` | the table or view that was there before, in which the resources are; collections only, without `changes`, `soft_delete`, `index` and `dropped` |
/// | `key("CustomerId", "InvoiceId")` | the columns of such a table that hold the last ids of an address, the resource's own last; `id` if left out |
/// | `created_at = "Made"` | the column of `createdAt` in such a table; likewise `created_by`, `updated_at`, `updated_by`. What has no column is absent from the resources |
///
/// Every field is part of the resource's JSON; `#[field(…)]` says more about one:
///
/// | option | meaning |
/// |---|---|
/// | `length = 1..=64` | bounds the characters of a text or the elements of a list or map |
/// | `range = 0..=10` | bounds a number |
/// | `pattern = "[A-Z]{3}"` | a regular expression that the text must match in full |
/// | `format = email` | `email`, `uri`, `hostname`, `ipv4`, `ipv6`, `time_zone`, `region_code` or `language_code`; fields called `time_zone`, `region_code` and `language_code` have it without being told |
/// | `default = 5` | the value where a client sends none |
/// | `example = 7` | the value that the documentation shows |
/// | `filter`, `order` | a list can be filtered, ordered by it |
/// | `search` | `$search` looks for words in it: a `String`, a `Vec<String>` or an `Option` of them |
/// | `references = Site` | it holds the id of a resource of the type, which is of a collection at the API root |
/// | `on_delete = set_null` | what becomes of the reference when its target is deleted: `refuse` (default) the delete, or null |
/// | `unique` | no two resources may have the same value |
/// | `immutable` | fixed once created |
/// | `output_only` | set by the service; ignored on input |
/// | `input_only` | never returned |
/// | `required` | an enum, list or map that a client must send |
/// | `rename = "serialNo"` | the name in JSON, in place of the field's name in lowerCamelCase |
/// | `renamed_from = "serial"` | the name that the column had in an earlier release; `migrate apply` renames it |
/// | `converted_from = text` | what the column held in an earlier release: `text`, `integer`, `real`, `boolean`, `enumeration`, `uuid`, `date` or `timestamp`; `migrate apply` converts it |
/// | `column = "UnitPrice"` | with `table`: the name of the column |
/// | `texts(InProgress = "in progress")` | with `table`: the column holds these texts for the variants of the enum, and their names where none is said |
#[proc_macro_attribute]
pub fn resource(attr: TokenStream, item: TokenStream) -> TokenStream {
    expand::dump("resource", expand::expand_resource(attr.into(), item.into())).into()
}

/// Makes an enum without data a type that fields can have; its variants' names are on the wire, their numbers are stored.
///
/// Exactly one variant is numbered 0: the default and the initial state. Write the attribute above any `#[derive(…)]`;
/// it adds `Clone`, `Copy`, `Debug`, `PartialEq`, `Eq`, `PartialOrd`, `Ord`, `Hash` and `Default` where these are missing.
#[proc_macro_attribute]
pub fn resource_enum(attr: TokenStream, item: TokenStream) -> TokenStream {
    expand::dump("resource_enum", expand::expand_enum(attr.into(), item.into())).into()
}

/// Makes a struct with named fields a nested object, or the input or output of a custom method.
///
/// Its fields take the options `length`, `range`, `pattern`, `format`, `default`, `example`, `input_only`, `required` and
/// `rename` of `#[resource]`.
#[proc_macro_attribute]
pub fn resource_value(attr: TokenStream, item: TokenStream) -> TokenStream {
    expand::dump("resource_value", expand::expand_value(attr.into(), item.into())).into()
}

/// Collects the methods marked `#[custom_method]` of an inherent impl block; one such block for each resource.
#[proc_macro_attribute]
pub fn custom_methods(attr: TokenStream, item: TokenStream) -> TokenStream {
    expand::dump("custom_methods", expand::expand_methods(attr.into(), item.into())).into()
}

/// Marks a method of a `#[custom_methods]` block as a custom method: `POST node:verb`.
///
/// | option | meaning |
/// |---|---|
/// | `when = self.mode == Mode::On` | the condition under which it is allowed; elsewhere 409, and no link |
/// | `read_only` | it changes nothing and answers GET too |
/// | `verb = "turnOn"` | the verb, in place of the method's name in lowerCamelCase |
///
/// The signature is `async fn name(&mut self, input: Input, cx: &mut Context<Self>) -> Result<Output>`: `&mut self` writes
/// the resource, `&self` reads it, without a receiver the method stands on the collection; the input may be left out;
/// `Result<()>` answers with the resource.
#[proc_macro_attribute]
pub fn custom_method(attr: TokenStream, item: TokenStream) -> TokenStream {
    expand::dump("custom_method", expand::expand_stray_method(attr.into(), item.into())).into()
}
