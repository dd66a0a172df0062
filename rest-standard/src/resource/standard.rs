//! The types of the fields whose names mean the same in every service.

use std::collections::BTreeMap;

use super::HasText;

/// A type that a field called `timeZone`, `regionCode` or `languageCode` can have.
#[diagnostic::on_unimplemented(
    message = "[RS109] a field with this name is text, not `{Self}`",
    label = "not text",
    note = "`timeZone`, `regionCode` and `languageCode` have the same meaning in every service",
    note = "write `String` or `Option<String>`, or give the field another name"
)]
pub trait IsStandardText {}
impl<T: HasText> IsStandardText for T {}

/// A type that a field called `labels` can have.
#[diagnostic::on_unimplemented(
    message = "[RS109] `labels` are a map from text to text, not `{Self}`",
    label = "not a `BTreeMap<String, String>`",
    note = "`labels` has the same meaning in every service",
    note = "write `BTreeMap<String, String>`, or give the field another name"
)]
pub trait IsLabels {}
impl IsLabels for BTreeMap<String, String> {}
impl IsLabels for Option<BTreeMap<String, String>> {}
