//! Wrong declarations are refused in the expected words; hostile right ones compile. The tests of the target `catalogue`
//! judge the words.
//!
//! `TRYBUILD=overwrite cargo test -p rest-standard-tests --test ui` writes the expected messages anew, for review.

// The right declarations are written as authors might write them, not as this workspace does.
#![allow(
    clippy::mixed_attributes_style,
    clippy::multiple_bound_locations,
    clippy::non_minimal_cfg,
    clippy::nonminimal_bool,
    dead_code,
    missing_debug_implementations,
    missing_docs,
    unreachable_pub,
    unused_imports,
    unused_macros,
    unused_qualifications
)]

use std::{fs, path::Path};

#[path = "ui-pass/aliases_and_paths.rs"]
mod aliases_and_paths;
#[path = "ui-pass/attributes_beside.rs"]
mod attributes_beside;
#[path = "ui-pass/constraints.rs"]
mod constraints;
#[path = "ui-pass/crates_called_core_and_std.rs"]
mod crates_called_core_and_std;
#[path = "ui-pass/defaults.rs"]
mod defaults;
#[path = "ui-pass/documentation.rs"]
mod documentation;
#[path = "ui-pass/enums.rs"]
mod enums;
#[path = "ui-pass/every_option.rs"]
mod every_option;
#[path = "ui-pass/examples.rs"]
mod examples;
#[path = "ui-pass/fields_under_cfg.rs"]
mod fields_under_cfg;
#[path = "ui-pass/filterable_types.rs"]
mod filterable_types;
#[path = "ui-pass/from_macro_rules.rs"]
mod from_macro_rules;
#[path = "ui-pass/long_chain_of_parents.rs"]
mod long_chain_of_parents;
#[path = "ui-pass/many_fields.rs"]
mod many_fields;
#[path = "ui-pass/methods_of_the_resource_with_the_same_names.rs"]
mod methods_of_the_resource_with_the_same_names;
#[path = "ui-pass/mixed_impl_block.rs"]
mod mixed_impl_block;
#[path = "ui-pass/names.rs"]
mod names;
#[path = "ui-pass/names_of_the_generated_code.rs"]
mod names_of_the_generated_code;
#[path = "ui-pass/nested_in_each_other.rs"]
mod nested_in_each_other;
#[path = "ui-pass/no_implicit_prelude.rs"]
mod no_implicit_prelude;
#[path = "ui-pass/numbers_of_variants.rs"]
mod numbers_of_variants;
#[path = "ui-pass/options_from_macro_rules.rs"]
mod options_from_macro_rules;
#[path = "ui-pass/other_impls.rs"]
mod other_impls;
#[path = "ui-pass/raw_identifiers.rs"]
mod raw_identifiers;
#[path = "ui-pass/shadowed_prelude.rs"]
mod shadowed_prelude;
#[path = "ui-pass/short_type_names.rs"]
mod short_type_names;
#[path = "ui-pass/signatures.rs"]
mod signatures;
#[path = "ui-pass/strict_lints.rs"]
mod strict_lints;
#[path = "ui-pass/synonyms_as_names.rs"]
mod synonyms_as_names;
#[path = "ui-pass/traits_with_the_same_methods.rs"]
mod traits_with_the_same_methods;
#[path = "ui-pass/within_a_function.rs"]
mod within_a_function;

/// The kinds of declarations, which are the folders of the wrong ones.
const KINDS: [&str; 5] = ["resource", "field", "enum", "value", "method"];

#[test]
fn wrong_declarations_are_refused() {
    let cases = trybuild::TestCases::new();
    for kind in KINDS {
        cases.compile_fail(format!("ui/{kind}/*.rs"));
    }
}

macro_rules! compile {
    ($($name:ident)*) => {$(
        #[test]
        fn $name() {
            super::$name::main();
        }
    )*};
}

/// They compile, or this test would not run; most look at what they declared, too.
mod hostile_declarations_compile {
    compile! {
        aliases_and_paths
        attributes_beside
        constraints
        crates_called_core_and_std
        defaults
        documentation
        enums
        every_option
        examples
        fields_under_cfg
        filterable_types
        from_macro_rules
        long_chain_of_parents
        many_fields
        methods_of_the_resource_with_the_same_names
        mixed_impl_block
        names
        names_of_the_generated_code
        nested_in_each_other
        no_implicit_prelude
        numbers_of_variants
        options_from_macro_rules
        other_impls
        raw_identifiers
        shadowed_prelude
        short_type_names
        signatures
        strict_lints
        synonyms_as_names
        traits_with_the_same_methods
        within_a_function
    }
}

/// Asserts what a wrong declaration is told.
fn is_told(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui").join(name).with_extension("stderr");
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
