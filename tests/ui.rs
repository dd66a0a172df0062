//! Wrong declarations give one error with the way out; hostile right ones compile.
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
#[path = "ui-pass/constraints.rs"]
mod constraints;
#[path = "ui-pass/crates_called_core_and_std.rs"]
mod crates_called_core_and_std;
#[path = "ui-pass/defaults.rs"]
mod defaults;
#[path = "ui-pass/enums.rs"]
mod enums;
#[path = "ui-pass/every_option.rs"]
mod every_option;
#[path = "ui-pass/fields_under_cfg.rs"]
mod fields_under_cfg;
#[path = "ui-pass/from_macro_rules.rs"]
mod from_macro_rules;
#[path = "ui-pass/mixed_impl_block.rs"]
mod mixed_impl_block;
#[path = "ui-pass/names.rs"]
mod names;
#[path = "ui-pass/no_implicit_prelude.rs"]
mod no_implicit_prelude;
#[path = "ui-pass/raw_identifiers.rs"]
mod raw_identifiers;
#[path = "ui-pass/shadowed_prelude.rs"]
mod shadowed_prelude;
#[path = "ui-pass/short_type_names.rs"]
mod short_type_names;
#[path = "ui-pass/strict_lints.rs"]
mod strict_lints;
#[path = "ui-pass/within_a_function.rs"]
mod within_a_function;

/// The kinds of declarations, which are the folders of the wrong ones.
const KINDS: [&str; 5] = ["resource", "field", "enum", "value", "method"];

/// Wrong declarations that give more than one error, with the reason.
const EXCEPTIONS: [(&str, usize); 1] = [
    // Seven mistakes, all reported in one run.
    ("resource/seven_mistakes_at_once", 7),
];

#[test]
fn wrong_declarations_are_refused() {
    let cases = trybuild::TestCases::new();
    for kind in KINDS {
        cases.compile_fail(format!("ui/{kind}/*.rs"));
    }
}

#[test]
fn each_wrong_declaration_gives_one_error_with_the_way_out() {
    let mut seen = 0;
    for kind in KINDS {
        for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("ui").join(kind))
            .expect("the folder exists")
        {
            let path = entry.expect("the folder can be read").path();
            if path.extension().is_none_or(|extension| extension != "rs") {
                continue;
            }
            let name = format!("{kind}/{}", path.file_stem().expect("a file has a name").to_string_lossy());
            let text = fs::read_to_string(path.with_extension("stderr"))
                .unwrap_or_else(|_| panic!("{name} has no message"));
            let expected =
                EXCEPTIONS.iter().find(|(exception, _)| *exception == name).map_or(1, |(_, count)| *count);
            let errors: Vec<_> = text.split("\nerror").collect();
            assert_eq!(errors.len(), expected, "{name}");
            for error in errors {
                // What the compiler finds itself is said in its own words.
                let ours = error.trim_start_matches("error").starts_with(": ")
                    && !error.contains("future cannot be sent");
                assert!(
                    !ours || error.contains("help: ") || error.contains("expected one of"),
                    "{name}: {error}"
                );
            }
            seen += 1;
        }
    }
    assert!(seen >= 45, "{seen} wrong declarations");
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
        constraints
        crates_called_core_and_std
        defaults
        enums
        every_option
        fields_under_cfg
        from_macro_rules
        mixed_impl_block
        names
        no_implicit_prelude
        raw_identifiers
        shadowed_prelude
        short_type_names
        strict_lints
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
