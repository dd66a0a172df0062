//! Wrong declarations are refused in the expected words. The tests of the target `catalogue` judge the words.
//!
//! `TRYBUILD=overwrite cargo test -p rest-standard-ui` writes the expected messages anew, for review.

use std::{fs, path::Path};

/// The kinds of declarations, which are the folders of the wrong ones.
const KINDS: [&str; 5] = ["resource", "field", "enum", "value", "method"];

#[test]
fn wrong_declarations_are_refused() {
    let cases = trybuild::TestCases::new();
    for kind in KINDS {
        cases.compile_fail(format!("{kind}/*.rs"));
    }
}

/// Asserts what a wrong declaration is told.
fn is_told(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name).with_extension("stderr");
    let told = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert!(told.contains(text), "{told}");
}

#[test]
fn r033_a_child_called_like_a_slash_verb_is_refused() {
    is_told("resource/child_is_called_like_a_verb", "the address would have two meanings");
}

#[test]
fn r037_a_verb_called_like_a_standard_method_is_refused() {
    is_told("method/verb_is_a_standard_method", "is a standard method");
    is_told("method/name_is_a_standard_method", "is a standard method");
}

#[test]
fn r061_r066_a_collection_that_is_no_unabbreviated_plural_is_refused() {
    is_told("resource/collection_is_singular", "must be a plural");
    is_told("resource/name_is_abbreviated", "help: ");
    is_told("resource/name_is_not_kebab_case", "help: ");
}

#[test]
fn r064_a_verb_that_is_not_lower_camel_case_is_refused() {
    is_told("method/verb_is_not_camel_case", "lowerCamelCase");
}

#[test]
fn r075_an_enum_without_a_variant_numbered_0_is_refused() {
    is_told("enum/no_variant_is_zero", "0");
    is_told("enum/two_variants_are_zero", "0");
}

#[test]
fn r196_a_collection_called_like_an_action_is_refused_with_the_request_form() {
    is_told("resource/name_is_an_action", "-requests");
}
