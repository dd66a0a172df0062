//! The resources of what the table `device_types__devices` holds.

use rest_standard::prelude::*;

use super::device_type::DeviceType;

/// One device.
#[resource(
    collection = "devices",
    parent = DeviceType,
    changes,
)]
#[derive(Debug)]
pub struct Device {
    /// The column `display_name`.
    #[field(filter, order)]
    pub display_name: String,
    /// The column `owner`.
    #[field(filter, order)]
    pub owner: String,
    /// The column `volume`.
    #[field(default = 5, filter, order)]
    pub volume: i64,
    /// The column `serial_number`.
    #[field(unique, filter, order)]
    pub serial_number: String,
    /// The column `enabled`.
    #[field(default = true, filter, order)]
    pub enabled: bool,
    /// The column `tags`.
    pub tags: Vec<Json<serde_json::Value>>,
    /// The column `time_zone`.
    #[field(filter, order)]
    pub time_zone: Option<String>,
    /// The column `region_code`.
    #[field(filter, order)]
    pub region_code: Option<String>,
    /// The column `language_code`.
    #[field(filter, order)]
    pub language_code: Option<String>,
    /// The column `site`.
    #[field(filter, order)]
    pub site: Option<String>,
}
