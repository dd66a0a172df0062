//! What is known of every device of a type.

use rest_standard::prelude::*;

use crate::DeviceType;

/// Something that every device of a type has.
#[resource(collection = "attributes", parent = DeviceType, id = Slug, example = "sound-level")]
#[derive(Debug)]
pub struct Attribute {
    /// The name that people read.
    #[field(example = "Sound level", filter, order)]
    pub display_name: String,
    /// What its values are.
    #[field(example = AttributeKind::Number)]
    pub kind: AttributeKind,
    /// The unit of its values, where they have one.
    #[field(length = ..=32, example = "dB")]
    pub unit: Option<String>,
    /// Whether every device must have a value.
    #[field(example = true)]
    pub is_required: bool,
}

/// What the values of an attribute are.
#[resource_enum]
pub enum AttributeKind {
    /// Any text.
    Text = 0,
    /// A number, with or without a unit.
    Number,
    /// Yes or no.
    Flag,
}
