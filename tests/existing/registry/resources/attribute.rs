//! The resources of what the table `device_types__attributes` holds.

use rest_standard::prelude::*;

use super::device_type::DeviceType;

/// One attribute.
#[resource(
    collection = "attributes",
    id = Slug,
    parent = DeviceType,
)]
#[derive(Debug)]
pub struct Attribute {
    /// The column `display_name`.
    #[field(filter, order)]
    pub display_name: String,
    /// The column `kind`.
    pub kind: AttributeKind,
    /// The column `unit`.
    pub unit: Option<String>,
    /// The column `is_required`.
    pub is_required: bool,
}

/// What `kind` says.
#[resource_enum]
pub enum AttributeKind {
    /// The value 0.
    Value0 = 0,
    /// The value 1.
    Value1 = 1,
    /// The value 2.
    Value2 = 2,
}
