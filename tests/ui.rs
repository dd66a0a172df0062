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

use std::{collections::BTreeSet, fs, path::Path};

#[path = "../rest-standard-macros/src/code.rs"]
mod code;

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

use code::Code;

/// The kinds of declarations, which are the folders of the wrong ones.
const KINDS: [&str; 5] = ["resource", "field", "enum", "value", "method"];

/// Wrong declarations that give more than one error, with the reason.
const EXCEPTIONS: [(&str, usize); 1] = [
    // Seven mistakes, all reported in one run.
    ("resource/seven_mistakes_at_once", 7),
];

/// Wrong declarations that Rust itself refuses, before or beside any bound that could carry a code.
const WITHOUT_CODE: [&str; 5] = [
    // Names that do not exist; the compiler proposes those that do.
    "field/type_does_not_exist",
    "method/when_names_an_unknown_field",
    "resource/parent_does_not_exist",
    // The compiler explains which value is kept across which `await`, which a bound of our own would hide.
    "method/future_is_not_send",
    // Blocks do not see each other; the name of the trait that both implement says what is wrong.
    "method/two_blocks",
];

#[test]
fn wrong_declarations_are_refused() {
    let cases = trybuild::TestCases::new();
    for kind in KINDS {
        cases.compile_fail(format!("ui/{kind}/*.rs"));
    }
}

/// A wrong declaration with what it is told.
struct Told {
    /// `field/id`.
    name: String,
    /// One text for each error.
    errors: Vec<String>,
}

impl Told {
    fn codes(&self) -> BTreeSet<&str> {
        let codes = self.errors.iter().flat_map(|error| error.split("[RS").skip(1));
        codes.filter_map(|rest| rest.split_once(']')).map(|(code, _)| code).collect()
    }

    fn is_without_code(&self) -> bool {
        WITHOUT_CODE.contains(&self.name.as_str())
    }
}

/// Whether an error says what to write. A bound can say so in a note alone; the note about macros is not one.
fn has_way_out(error: &str) -> bool {
    error.contains("help: ")
        || error.lines().any(|line| line.contains("= note: ") && !line.contains("originates in"))
}

fn told() -> Vec<Told> {
    let mut told = Vec::new();
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
            told.push(Told { name, errors: text.split("\nerror").map(str::to_owned).collect() });
        }
    }
    told
}

#[test]
fn each_wrong_declaration_gives_one_error_with_the_way_out() {
    let told = told();
    for Told { name, errors } in &told {
        let expected =
            EXCEPTIONS.iter().find(|(exception, _)| exception == name).map_or(1, |(_, count)| *count);
        assert_eq!(errors.len(), expected, "{name}");
        for error in errors.iter().filter(|_| name != "method/two_blocks") {
            assert!(has_way_out(error), "{name}: {error}");
        }
    }
    println!("| kind | declarations | with one error | with a way out | with one code |");
    println!("|---|---|---|---|---|");
    for kind in KINDS {
        let of_kind: Vec<_> = told.iter().filter(|told| told.name.starts_with(kind)).collect();
        let count = |holds: &dyn Fn(&Told) -> bool| of_kind.iter().filter(|told| holds(told)).count();
        println!(
            "| {kind} | {} | {} | {} | {} |",
            of_kind.len(),
            count(&|told| told.errors.len() == 1),
            count(&|told| told.errors.iter().all(|error| has_way_out(error))),
            count(&|told| told.codes().len() == 1),
        );
    }
    assert!(told.len() >= 230, "{} wrong declarations", told.len());
}

#[test]
fn each_error_has_one_code_and_each_code_an_error() {
    let told = told();
    for told in told.iter().filter(|told| !told.is_without_code()) {
        assert_eq!(told.codes().len(), told.errors.len(), "{}: {:?}", told.name, told.codes());
    }
    let used: BTreeSet<&str> = told.iter().flat_map(Told::codes).collect();
    for code in Code::ALL {
        assert!(used.contains(&code.text()[2..]), "no wrong declaration is told {}", code.text());
    }
    assert_eq!(used.len(), Code::ALL.len(), "codes are listed in `code.rs` of the macros");
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
