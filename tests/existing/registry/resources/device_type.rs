//! The resources of what the table `device_types` holds.

use rest_standard::prelude::*;

/// One device type.
#[resource(
    collection = "device-types",
    id = Slug,
    changes,
    soft_delete = "30d",
)]
#[derive(Debug)]
pub struct DeviceType {
    /// The column `display_name`.
    #[field(filter, order)]
    pub display_name: String,
    /// The column `manufacturer`.
    #[field(filter, order)]
    pub manufacturer: Option<String>,
    /// The column `category`.
    #[field(filter, order)]
    pub category: DeviceTypeCategory,
}

/// What `category` says.
#[resource_enum]
pub enum DeviceTypeCategory {
    /// The value 0.
    Value0 = 0,
    /// The value 1.
    Value1 = 1,
    /// The value 2.
    Value2 = 2,
    /// The value 3.
    Value3 = 3,
    /// The value 4.
    Value4 = 4,
}
