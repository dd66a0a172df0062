use super::{mistakes, snapshot};
use crate::expand::expand_resource;

/// The budget of `#[resource]`: what an added resource costs every build of its user.
fn budget(fields: usize) -> usize {
    61 + 4 * fields
}

#[test]
fn a_collection_under_the_root() {
    let lines = snapshot(
        "collection",
        expand_resource,
        "collection = \"device-types\", id = Slug, example = \"house-alarm\", changes, without(delete), upsert",
        r#"
        /// A kind of device.
        ///
        /// Tenants install them.
        pub struct DeviceType {
            #[field(filter, order)]
            pub display_name: String,
            /// Who makes it.
            pub manufacturer: Option<String>,
        }"#,
    );
    assert!(lines <= budget(2), "{lines} lines");
}

#[test]
fn a_singleton_with_a_parent() {
    let lines = snapshot(
        "singleton",
        expand_resource,
        "singleton = \"state\", parent = Device, rules",
        "
        pub struct DeviceState {
            pub mode: Mode,
            #[field(default = 3, range = 0..10)]
            pub level: u8,
        }",
    );
    assert!(lines <= budget(2), "{lines} lines");
}

#[test]
fn a_resource_with_every_option() {
    let lines = snapshot(
        "every_option",
        expand_resource,
        "collection = \"samples\", parent = crate::Device, rules, changes, slash_verbs, require_if_match, dropped(old_share, sum), methods(list, read)",
        r#"
        pub struct Sample {
            #[field(length = 2..=8, pattern = "[a-z]+", rename = "short")]
            pub r#type: String,
            #[field(range = -1..=1, default = -1, example = 1, filter, order, renamed_from = "plus", converted_from = enumeration)]
            pub sign: i32,
            #[field(range = ..=0.5, default = 0.25)]
            pub share: f64,
            #[field(format = email, unique, immutable)]
            pub mail: String,
            #[field(output_only)]
            pub count: Option<u32>,
            #[field(input_only, default = "none")]
            pub secret: String,
            #[cfg(feature = "extra")]
            pub extra: bool,
            pub tags: Vec<String>,
        }"#,
    );
    assert!(lines <= budget(8), "{lines} lines");
}

#[test]
fn ten_fields_stay_within_the_budget() {
    let lines = snapshot("ten_fields", expand_resource, super::timing::ARGUMENTS, super::timing::ITEM);
    assert!(lines <= budget(10), "{lines} lines");
}

#[test]
fn all_mistakes_are_reported_at_once_and_the_item_stays() {
    let found = mistakes(
        expand_resource,
        "colection = \"devices\", id = Guid, parent",
        r#"
        pub struct Device {
            #[field(length = 5..2, filtre)]
            pub name: String,
            #[field(input_only, output_only)]
            pub other: String,
            pub created_at: Timestamp,
            private: String,
        }"#,
    );
    assert_eq!(found.len(), 8, "{found:#?}");
    let text = expand_resource(
        super::tokens("colection = \"devices\""),
        super::tokens("pub struct Device { #[field(x)] pub a: A }"),
    );
    let text = text.to_string();
    assert!(text.contains("pub struct Device { pub a : A }"), "{text}");
    assert!(text.contains("impl __rs :: Resource for Device"), "{text}");
}
