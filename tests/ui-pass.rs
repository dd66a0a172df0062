//! Unusual declarations that are right compile. The wrong ones are in `ui`, a package of its own.

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
