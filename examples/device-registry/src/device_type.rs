//! Kinds of devices.

use rest_standard::prelude::*;

/// A kind of device that can be installed.
#[resource(collection = "device-types", id = Slug, soft_delete = "30d", example = "house-alarm", changes, export, import)]
#[derive(Debug)]
pub struct DeviceType {
    /// The name that people read.
    #[field(length = 1..=64, example = "House alarm", filter, order)]
    pub display_name: String,
    /// Who makes the devices.
    #[field(length = ..=120, example = "Sirens & Sons", filter, order)]
    pub manufacturer: Option<String>,
    /// What the devices are for.
    #[field(example = DeviceCategory::Alarm, filter, order)]
    pub category: DeviceCategory,
}

/// What devices of a type are for.
#[resource_enum]
pub enum DeviceCategory {
    /// Anything that no other category fits.
    Other = 0,
    /// Makes noise when something is wrong.
    Alarm,
    /// Records pictures.
    Camera,
    /// Keeps a door shut.
    Lock,
    /// Measures something.
    Sensor,
}
